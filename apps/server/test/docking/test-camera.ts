// A camera in a test: it keeps a true journal, entry by entry, and can be made to lie.
import {
  FIRST_PREVIOUS,
  OPENING_KEY_INFO,
  type Details,
  type JournalEvent,
  type JournalRecord,
  type Signer,
  COMMITMENT_LABELS,
  commit,
  encodeCbor,
  encodeOpening,
  encodeSegment,
  entryHash,
  formatId,
  keySigner,
  masterIdentity,
  newId,
  newOpening,
  openingAssociatedData,
  openingKeyAssociatedData,
  parseId,
  parseIngestKey,
  sha256,
  signEntry,
} from "@sworn/custody";
import { fromBase64url, toBase64url, type CameraEnrolment, type DockingSession } from "@sworn/contract";
import { encryptFloe, sealKey } from "@sworn/vault";
import type { Founded, ReachedServer } from "./docking-server.ts";

export interface Filmed {
  readonly recording: Uint8Array;
  readonly id: string;
  readonly number: number;
  readonly key: Uint8Array;
  readonly storedBytes: number;
  readonly identity: Uint8Array;
}

export class TestCamera {
  readonly id = formatId(newId());
  readonly records: JournalRecord[] = [];
  /** Off by this much, in ms. */
  clockOffMs = 0;
  /** How far the dock's word about the time is off. */
  dockOffMs = 0;
  monotonicMs = 0;
  number = 0;
  boot = newId();
  enrolment: CameraEnrolment | null = null;
  force: Uint8Array = new Uint8Array(16);
  signer: Signer = { certificateHash: new Uint8Array(32), sign: async () => new Uint8Array(64) };
  /** Ciphertext of a fragment. */
  fragmentBytes = 1_100;
  #previous: Uint8Array = FIRST_PREVIOUS;
  readonly #server: ReachedServer;

  private constructor(server: ReachedServer) {
    this.#server = server;
  }

  static async enrol(server: ReachedServer, force: Founded, name: string): Promise<TestCamera> {
    const camera = new TestCamera(server);
    const pair = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, [
      "sign",
      "verify",
    ]);
    const spki = toBase64url(new Uint8Array(await crypto.subtle.exportKey("spki", pair.publicKey)));
    const body = { id: camera.id, name, model: "Test 1", spki };
    const answer = await server.call("POST", "/v1/cameras", { key: force.key, body });
    if (answer.status !== 201) throw new Error(`enrolment answered ${JSON.stringify(answer.body)}`);
    camera.enrolment = answer.body as unknown as CameraEnrolment;
    camera.force = parseId(force.forceId);
    const certificate = await sha256(
      fromBase64url(camera.enrolment.enrolment.certificate) ?? new Uint8Array(),
    );
    camera.signer = keySigner(pair.privateKey, certificate);
    await camera.add({
      kind: "enrolled",
      body: { force: camera.force, certificate, model: "Test 1", firmware: "1.0" },
    });
    await camera.bootUp("button", true);
    return camera;
  }

  get next(): number {
    return this.records.length;
  }

  async bootUp(cause: "button" | "dock" | "restart", clean: boolean): Promise<void> {
    if (this.next > 1) this.boot = newId();
    this.monotonicMs = this.next > 1 ? 0 : this.monotonicMs;
    await this.add({ kind: "booted", body: { cause, clean, firmware: "1.0" } });
    await this.add({ kind: "standby", body: { prerecordMs: 30_000 } });
  }

  /** Lets time pass for camera and server. */
  pass(ms: number): void {
    this.monotonicMs += ms;
    this.#server.clock.advanceMs(ms);
  }

  /** Appends an entry. `details` are sealed under `key` within `recording`, or else in an envelope. */
  async add(
    event: JournalEvent,
    sealed?: { details: Details; recording?: Uint8Array; key?: Uint8Array },
  ): Promise<void> {
    const sequence = this.next;
    const opening = sealed && newOpening(sealed.details);
    const place = {
      camera: parseId(this.id),
      boot: this.boot,
      sequence,
      previous: this.#previous,
      wallMs: this.#server.clock.nowMs() + this.clockOffMs,
      monotonicMs: this.monotonicMs,
      ...(opening ? { sealed: await commit(COMMITMENT_LABELS.journal, opening) } : {}),
    };
    const entry = await signEntry({ ...place, ...event }, this.signer);
    const plaintext = opening && encodeOpening(opening);
    const record = {
      entry,
      opening: plaintext ? await this.#seal(plaintext, sequence, sealed) : null,
    };
    this.records.push(record);
    this.#previous = await entryHash(entry);
  }

  async #seal(
    plaintext: Uint8Array,
    sequence: number,
    { recording, key }: { recording?: Uint8Array; key?: Uint8Array },
  ): Promise<Uint8Array> {
    if (recording && key) {
      const associatedData = openingAssociatedData(this.force, recording, sequence);
      return encodeCbor({ recording, floe: encryptFloe({ key, associatedData, plaintext }) });
    }
    const { key: ingestKey } = parseIngestKey(
      fromBase64url(this.enrolment?.enrolment.ingestKey ?? "") ?? new Uint8Array(),
    );
    const camera = parseId(this.id);
    const fresh = crypto.getRandomValues(new Uint8Array(32));
    const sealed = await sealKey({
      ingestPublicKey: ingestKey.publicKey,
      recordingKey: fresh,
      info: OPENING_KEY_INFO,
      associatedData: openingKeyAssociatedData(this.force, camera, sequence),
    });
    const associatedData = openingAssociatedData(this.force, camera, sequence);
    const floe = encryptFloe({ key: fresh, associatedData, plaintext });
    return encodeCbor({
      envelope: { keyId: ingestKey.keyId, enc: sealed.enc, ciphertext: sealed.ciphertext },
      floe,
    });
  }

  /** Drops the last entries, as a camera whose memory was put back would. */
  forget(entries: number): void {
    this.records.splice(this.records.length - entries);
  }

  async relink(): Promise<void> {
    const last = this.records.at(-1);
    this.#previous = last ? await entryHash(last.entry) : FIRST_PREVIOUS;
  }

  async begin(
    recording: Uint8Array = newId(),
  ): Promise<{ recording: Uint8Array; key: Uint8Array; init: Uint8Array }> {
    const init = crypto.getRandomValues(new Uint8Array(32));
    this.number += 1;
    await this.add({
      kind: "recording-started",
      body: {
        recording,
        number: this.number,
        trigger: "button",
        prerecordMs: 0,
        startedMonotonicMs: this.monotonicMs,
        envelope: init,
        codecs: ["avc1.42c01e"],
        init: { lengthBytes: 700, hash: init, storedBytes: 800, storedHash: init },
      },
    });
    return { recording, key: crypto.getRandomValues(new Uint8Array(32)), init };
  }

  /** Films `fragments` of 2 s, with a position each, and seals. */
  async film(
    fragments: number,
    options: { recording?: Uint8Array; positions?: readonly (readonly [number, number])[] } = {},
  ): Promise<Filmed> {
    const { recording, key, init } = await this.begin(options.recording ?? newId());
    const started = this.next - 1;
    const parts = [{ lengthBytes: 700, hash: init }];
    for (let index = 1; index <= fragments; index += 1) {
      this.pass(2_000);
      const hash = crypto.getRandomValues(new Uint8Array(32));
      parts.push({ lengthBytes: 1_000, hash });
      const [latitude, longitude] = options.positions?.[index - 1] ?? [515_000_000, -1_000_000];
      await this.add(
        {
          kind: "fragment",
          body: {
            ...{
              recording,
              index,
              lengthBytes: 1_000,
              hash,
              storedBytes: this.fragmentBytes,
              storedHash: hash,
            },
            ...{ startMs: (index - 1) * 2_000, durationMs: 2_000, prerecord: false, muted: false },
          },
        },
        { details: { positions: [[index * 2_000 - 1, latitude, longitude, 500]] }, recording, key },
      );
    }
    const atMs = fragments * 2_000;
    await this.add({ kind: "recording-stopped", body: { recording, atMs, reason: "incident over" } });
    const identity = await masterIdentity(parts);
    await this.add({
      kind: "recording-sealed",
      body: {
        ...{ recording, number: this.number, parts: parts.length, identity, durationMs: atMs },
        ...{ reason: "stopped" as const, started },
      },
    });
    const storedBytes = 800 + fragments * this.fragmentBytes;
    return { recording, id: formatId(recording), number: this.number, key, storedBytes, identity };
  }

  /** The dock sets the clock, and the camera shows itself with the session's nonce. */
  async dock(dockId: string, session: DockingSession, options: { nonce?: Uint8Array } = {}): Promise<void> {
    const dock = parseId(dockId);
    const beforeMs = this.#server.clock.nowMs() + this.clockOffMs;
    const afterMs = this.#server.clock.nowMs() + this.dockOffMs;
    this.clockOffMs = this.dockOffMs;
    await this.add({ kind: "clock-set", body: { dock, beforeMs, afterMs, errorMs: 5 } });
    const nonce = options.nonce ?? fromBase64url(session.nonce) ?? new Uint8Array();
    await this.add({ kind: "docked", body: { dock, nonce, session: parseId(session.session) } });
  }

  segment(from: number, to = this.next): Uint8Array {
    return encodeSegment(this.records.slice(from, to));
  }

  async head(): Promise<{ sequence: number; hash: string }> {
    const last = this.records.at(-1);
    return {
      sequence: this.next - 1,
      hash: toBase64url(last ? await entryHash(last.entry) : new Uint8Array(32)),
    };
  }
}
