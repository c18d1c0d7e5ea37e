// The docking side of a test camera: true journal, random ciphertext, and it frees only against a receipt that it checked.
import {
  decodeEnvelope,
  encodeEnvelope,
  encodeRecord,
  entryHash,
  equalBytes,
  newId,
  parseCertificate,
  parseReceipt,
  sha256,
  verifySign1,
} from "@sworn/custody";
import { fromBase64url } from "@sworn/contract";
import type { DockableCamera } from "@sworn/dock";
import { concatBytes, parseId } from "@sworn/custody";
import type { DockingServer } from "./docking-server.ts";
import type { Filmed, TestCamera } from "./test-camera.ts";

export class TestDockable implements DockableCamera {
  readonly cameraId: Uint8Array;
  readonly media = new Map<number, Uint8Array>();
  readonly held: { filmed: Filmed; seal: number }[] = [];
  readonly envelopes = new Map<number, Uint8Array>();
  prunedThrough = -1;
  readonly clockSets: { timeMs: number; errorMs: number }[] = [];
  readonly #camera: TestCamera;
  readonly #server: DockingServer;

  constructor(server: DockingServer, camera: TestCamera) {
    this.#camera = camera;
    this.#server = server;
    this.cameraId = parseId(camera.id);
  }

  async film(fragments: number): Promise<Filmed> {
    const filmed = await this.#camera.film(fragments);
    const media = new Uint8Array(filmed.storedBytes);
    for (let at = 0; at < media.length; at += 65_536) crypto.getRandomValues(media.subarray(at, at + 65_536));
    this.media.set(filmed.number, media);
    const envelope = { keyId: newId(), enc: new Uint8Array(65).fill(4), ciphertext: new Uint8Array(48) };
    this.envelopes.set(filmed.number, encodeEnvelope(decodeEnvelope(encodeEnvelope(envelope))));
    this.held.push({ filmed, seal: this.#camera.next - 1 });
    return filmed;
  }

  async connect() {
    return { kind: "done" as const };
  }

  async setClock(setting: { dock: Uint8Array; timeMs: number; errorMs: number }) {
    this.clockSets.push({ timeMs: setting.timeMs, errorMs: setting.errorMs });
    const beforeMs = this.#server.clock.nowMs() + this.#camera.clockOffMs;
    this.#camera.clockOffMs = setting.timeMs - this.#server.clock.nowMs();
    const body = { dock: setting.dock, beforeMs, afterMs: setting.timeMs, errorMs: setting.errorMs };
    await this.#camera.add({ kind: "clock-set", body });
    return { kind: "done" as const };
  }

  async docked(body: { dock: Uint8Array; session: Uint8Array; nonce: Uint8Array }) {
    await this.#camera.add({ kind: "docked", body });
    return { kind: "done" as const };
  }

  listRecordings() {
    return this.held.map(({ filmed, seal }) => ({
      id: filmed.recording,
      number: filmed.number,
      parts: 1,
      storedBytes: filmed.storedBytes,
      durationMs: 1,
      startedWallMs: 0,
      seal: { sequence: seal, reason: "stopped" },
    }));
  }

  async *readMedia(number: number, offset = 0, lengthBytes = Number.POSITIVE_INFINITY) {
    const media = this.media.get(number) ?? new Uint8Array();
    for (let at = offset; at < Math.min(media.length, offset + lengthBytes); at += 4_096) {
      yield media.subarray(at, Math.min(at + 4_096, media.length, offset + lengthBytes));
    }
  }

  async envelope(number: number) {
    return this.envelopes.get(number) ?? new Uint8Array();
  }

  journalHead() {
    return { sequence: this.#camera.next - 1, hash: this.headHash };
  }

  headHash: Uint8Array = new Uint8Array(32);

  async refreshHead(): Promise<void> {
    const last = this.#camera.records.at(-1);
    this.headHash = last ? await entryHash(last.entry) : new Uint8Array(32);
  }

  async *readJournal(from: number) {
    const start = Math.max(from, this.prunedThrough + 1);
    for (let at = start; at < this.#camera.next; at += 50) {
      const records = this.#camera.records.slice(at, at + 50);
      yield {
        fromSequence: at,
        toSequence: at + records.length - 1,
        bytes: concatBytes(records.map(encodeRecord)),
      };
    }
  }

  async free(number: number, bytes: Uint8Array, certificates: readonly Uint8Array[] = []) {
    const index = this.held.findIndex(({ filmed }) => filmed.number === number);
    const found = this.held[index];
    if (!found) return { kind: "gone" as const };
    const { value, sign1 } = parseReceipt(bytes);
    const service = fromBase64url(this.#camera.enrolment?.enrolment.service ?? "") ?? new Uint8Array();
    const signer = await parseCertificate(certificates[0] ?? service);
    const fits =
      equalBytes(value.identity, found.filmed.identity) && (await verifySign1(sign1, signer.publicKey));
    if (!fits) return { kind: "refused" as const, why: "other-content" as const };
    const body = { recording: found.filmed.recording, receipt: await sha256(bytes), verdict: value.verdict };
    await this.#camera.add({ kind: "freed", body });
    this.held.splice(index, 1);
    this.media.delete(number);
    return { kind: "freed" as const, verdict: value.verdict };
  }

  async prune(accepted: { through: number; head: Uint8Array }) {
    const record = this.#camera.records[accepted.through];
    if (!record || !equalBytes(await entryHash(record.entry), accepted.head)) {
      return { kind: "refused" as const, why: "other-head" as const };
    }
    this.prunedThrough = accepted.through;
    await this.#camera.add({ kind: "pruned", body: accepted });
    await this.refreshHead();
    return { kind: "pruned" as const, through: accepted.through };
  }
}
