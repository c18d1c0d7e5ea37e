// A camera that films real bytes: each part one FLOE ciphertext under the recording's key, hashed into its journal.
import {
  RECORDING_KEY_INFO,
  encodeEnvelope,
  formatId,
  masterIdentity,
  mediaAssociatedData,
  newId,
  parseId,
  parseIngestKey,
  recordingKeyAssociatedData,
  sha256,
} from "@sworn/custody";
import { fromBase64url, toBase64url, type DockingSession, type JournalAnswer } from "@sworn/contract";
import { encryptFloe, sealKey } from "@sworn/vault";
import { signRequest } from "@sworn/dock";
import type { Answer, ReachedServer } from "../docking/docking-server.ts";
import type { TestCamera } from "../docking/test-camera.ts";
import type { TestDock } from "../docking/test-dock.ts";

export interface Film {
  readonly recording: Uint8Array;
  readonly id: string;
  readonly number: number;
  readonly key: Uint8Array;
  readonly envelope: Uint8Array;
  /** Ciphertexts of the parts, in order. */
  readonly parts: readonly Buffer[];
  readonly plain: readonly Uint8Array[];
  readonly media: Buffer;
  readonly identity: Uint8Array;
}

function noise(lengthBytes: number): Uint8Array {
  const bytes = new Uint8Array(lengthBytes);
  for (let offset = 0; offset < lengthBytes; offset += 65_536) {
    crypto.getRandomValues(bytes.subarray(offset, Math.min(lengthBytes, offset + 65_536)));
  }
  return bytes;
}

/** Films `fragments` of 2 s and of `fragmentBytes` each; sealed unless told otherwise. */
export async function film(
  camera: TestCamera,
  options: { fragments?: number; fragmentBytes?: number; seal?: boolean; positions?: boolean } = {},
): Promise<Film> {
  const { fragments = 3, fragmentBytes = 100_000 } = options;
  const recording = newId();
  const key = crypto.getRandomValues(new Uint8Array(32));
  const { key: ingestKey } = parseIngestKey(
    fromBase64url(camera.enrolment?.enrolment.ingestKey ?? "") ?? new Uint8Array(),
  );
  const sealed = await sealKey({
    ingestPublicKey: ingestKey.publicKey,
    recordingKey: key,
    info: RECORDING_KEY_INFO,
    associatedData: recordingKeyAssociatedData(camera.force, parseId(camera.id), recording),
  });
  const envelope = encodeEnvelope({ keyId: ingestKey.keyId, enc: sealed.enc, ciphertext: sealed.ciphertext });
  const plain = [noise(900), ...Array.from({ length: fragments }, () => noise(fragmentBytes))];
  const parts = plain.map((plaintext, index) =>
    encryptFloe({ key, associatedData: mediaAssociatedData(camera.force, recording, index), plaintext }),
  );
  const described = await Promise.all(
    plain.map(async (plaintext, index) => ({
      lengthBytes: plaintext.length,
      hash: await sha256(plaintext),
      storedBytes: parts[index]?.length ?? 0,
      storedHash: await sha256(parts[index] ?? new Uint8Array()),
    })),
  );
  const [init, ...rest] = described;
  if (init === undefined) throw new Error("no init segment");
  camera.number += 1;
  const { number } = camera;
  const started = camera.next;
  await camera.add({
    kind: "recording-started",
    body: {
      recording,
      number,
      trigger: "button",
      prerecordMs: 0,
      startedMonotonicMs: camera.monotonicMs,
      envelope: await sha256(envelope),
      codecs: ["avc1.42c01e"],
      init,
    },
  });
  for (const [place, part] of rest.entries()) {
    camera.pass(2_000);
    const body = { recording, index: place + 1, ...part, startMs: place * 2_000, durationMs: 2_000 };
    const positions = [[place * 2_000, 515_000_000 + place, -1_000_000, 500]];
    await camera.add(
      { kind: "fragment", body: { ...body, prerecord: false, muted: false } },
      options.positions === true ? { details: { positions }, recording, key } : undefined,
    );
  }
  const identity = await masterIdentity(described);
  const atMs = fragments * 2_000;
  if (options.seal !== false) {
    await camera.add({ kind: "recording-stopped", body: { recording, atMs, reason: "incident over" } });
    await camera.add({
      kind: "recording-sealed",
      body: {
        recording,
        number,
        parts: described.length,
        identity,
        durationMs: atMs,
        reason: "stopped",
        started,
      },
    });
  }
  return {
    recording,
    id: formatId(recording),
    number,
    key,
    envelope,
    parts,
    plain,
    media: Buffer.concat(parts),
    identity,
  };
}

/** A camera in a dock, its journal accepted up to now. */
export class Docked {
  readonly camera: TestCamera;
  readonly dock: TestDock;
  session: DockingSession;

  readonly url: string;
  readonly nowMs: () => number;

  private constructor(
    server: Pick<ReachedServer, "url" | "clock">,
    camera: TestCamera,
    dock: TestDock,
    session: DockingSession,
  ) {
    this.url = server.url;
    this.nowMs = () => server.clock.nowMs();
    this.camera = camera;
    this.dock = dock;
    this.session = session;
  }

  static async at(
    server: Pick<ReachedServer, "url" | "clock">,
    dock: TestDock,
    camera: TestCamera,
  ): Promise<Docked> {
    const answer = await dock.openSession(camera.id);
    if (answer.status !== 201) throw new Error(`the session was refused: ${JSON.stringify(answer.body)}`);
    const docked = new Docked(server, camera, dock, answer.body as unknown as DockingSession);
    await camera.dock(dock.id, docked.session);
    const from = docked.session.head === null ? 0 : docked.session.head.sequence + 1;
    const accepted = await dock.sendJournal(camera.id, from, camera.segment(from), docked.session);
    if (accepted.status !== 200) throw new Error(`the journal was refused: ${JSON.stringify(accepted.body)}`);
    if (!(accepted.body as unknown as JournalAnswer).opened) throw new Error("the session did not open");
    return docked;
  }

  metadata(
    of: { id: string; number: number; envelope: Uint8Array },
    more: Record<string, string> = {},
  ): string {
    const pairs = {
      camera: this.camera.id,
      recording: of.id,
      number: of.number.toString(),
      envelope: toBase64url(of.envelope),
      ...more,
    };
    return Object.entries(pairs)
      .map(([key, value]) => `${key} ${Buffer.from(value).toString("base64")}`)
      .join(",");
  }

  create(of: Film, more: { length?: number; metadata?: Record<string, string> } = {}): Promise<Answer> {
    return this.dock.send("POST", "/v1/uploads", {
      session: this.session,
      headers: {
        "tus-resumable": "1.0.0",
        "upload-length": (more.length ?? of.media.length).toString(),
        "upload-metadata": this.metadata(of, more.metadata),
      },
    });
  }

  async head(location: string): Promise<number> {
    const answer = await this.bare("HEAD", location, { "tus-resumable": "1.0.0" });
    if (answer.status !== 200) throw new Error(`HEAD answered ${answer.status.toString()}`);
    return Number(answer.headers.get("upload-offset"));
  }

  /** A signed request without a body. */
  async bare(method: string, path: string, headers: Record<string, string> = {}): Promise<Response> {
    const nowMs = this.nowMs();
    const signed = await signRequest(
      this.dock.key,
      { method, url: this.url + path, headers },
      { nowMs, session: this.session },
    );
    return fetch(this.url + path, { method, headers: signed });
  }

  patch(location: string, offset: number, body: Uint8Array): Promise<Answer> {
    return this.dock.send("PATCH", location, {
      session: this.session,
      body,
      contentType: "application/offset+octet-stream",
      headers: { "tus-resumable": "1.0.0", "upload-offset": offset.toString() },
    });
  }

  receipt(number: number): Promise<Answer & { bytes: Uint8Array }> {
    return this.#receipt(`/v1/cameras/${this.camera.id}/recordings/${number.toString()}/receipt`);
  }

  async #receipt(path: string): Promise<Answer & { bytes: Uint8Array }> {
    const answer = await this.bare("GET", path);
    const bytes = new Uint8Array(await answer.arrayBuffer());
    const isJson = answer.headers.get("content-type")?.includes("json") === true;
    const body = isJson ? (JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>) : {};
    return { status: answer.status, headers: answer.headers, body, bytes };
  }

  /** Creates, sends and waits for the receipt's answer. */
  async upload(of: Film, media: Uint8Array = of.media): Promise<Answer & { bytes: Uint8Array }> {
    const created = await this.create(of);
    if (created.status !== 201) return { ...created, bytes: new Uint8Array() };
    const location = created.headers.get("location") ?? "";
    const sent = await this.patch(location, 0, media);
    if (sent.status !== 204) return { ...sent, bytes: new Uint8Array() };
    return this.receipt(of.number);
  }
}
