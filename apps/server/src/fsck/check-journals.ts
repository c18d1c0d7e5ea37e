// Level 4: each camera's journal from its first entry on is one chain that the camera signed, up to the accepted head; and
// every recording in it has a row that says the same: parts, seal, identity, times of entry.
import {
  ChainVerifier,
  collectRecording,
  CustodyError,
  decodeSegment,
  describeChainProblem,
  entryHash,
  equalBytes,
  formatId,
  parseCertificate,
  parseId,
  validatePath,
  type JournalEntry,
  type ParsedCertificate,
} from "@sworn/custody";
import { journalSegmentKey } from "../docking/index.ts";
import { encodeParts } from "../evidence/index.ts";
import { hash } from "./digest.ts";
import type { ForceCheck } from "./ports.ts";
import { eachSegment, findRecordings, listCameras, type CheckedCamera, type StoredSegment } from "./store.ts";
import { objectOf, rowOf } from "./subjects.ts";

export async function checkJournals(check: ForceCheck): Promise<void> {
  for (const camera of await check.query(listCameras)) {
    check.looked("cameras");
    const certificate = await checkCertificate(check, camera);
    if (certificate !== null) await new JournalCheck(check, camera, certificate).run();
  }
}

async function checkCertificate(check: ForceCheck, camera: CheckedCamera): Promise<ParsedCertificate | null> {
  const subject = rowOf("camera", camera.id, { camera: camera.id });
  const name = `The certificate of camera ${camera.name} (${camera.id})`;
  try {
    const certificate = await parseCertificate(camera.certificate);
    const isOwn =
      equalBytes(certificate.subjectId, parseId(camera.id)) &&
      equalBytes(certificate.hash, camera.certificate_hash);
    if (!isOwn)
      check.tell({ kind: "row-altered", subject, message: `${name} is not the one that it was given.` });
    else if (check.authority !== null) {
      const options = {
        role: "camera",
        atMs: Math.max(camera.enrolled_at.getTime(), certificate.notBeforeMs),
      } as const;
      const path = await validatePath(certificate, [check.authority.anchor.der], options);
      if (path.kind === "invalid")
        check.tell({ kind: "certificate-invalid", subject, message: `${name}: ${path.message}` });
    }
    return certificate;
  } catch (error) {
    if (!(error instanceof CustodyError)) throw error;
    check.tell({ kind: "certificate-invalid", subject, message: `${name}: ${error.message}` });
    return null;
  }
}

class JournalCheck {
  readonly #check: ForceCheck;
  readonly #camera: CheckedCamera;
  readonly #options: ConstructorParameters<typeof ChainVerifier>[1];
  #chain: ChainVerifier;
  #next = 0;
  #head: Uint8Array | null = null;
  /** Entries of the recording that is open, and its id; memory is one recording's. */
  #recording: Uint8Array | null = null;
  #entries: { readonly entry: JournalEntry; readonly bytes: Uint8Array }[] = [];

  constructor(check: ForceCheck, camera: CheckedCamera, certificate: ParsedCertificate) {
    this.#check = check;
    this.#camera = camera;
    this.#options = {
      camera: parseId(camera.id),
      publicKey: (wanted) => (equalBytes(wanted, certificate.hash) ? certificate.publicKey : null),
    };
    this.#chain = new ChainVerifier(null, this.#options);
  }

  async run(): Promise<void> {
    for await (const segment of eachSegment(this.#check.query, this.#camera.id))
      await this.#checkSegment(segment);
    const { head_sequence: sequence, head_hash: head } = this.#camera;
    const isHead = sequence === null ? this.#next === 0 : sequence === this.#next - 1;
    if (isHead && (head === null || (this.#head !== null && equalBytes(head, this.#head)))) return;
    const subject = rowOf("camera", this.#camera.id, { camera: this.#camera.id });
    const message = `The stored journal of camera ${this.#name} ends with entry ${(this.#next - 1).toString()}, and its accepted head is entry ${sequence?.toString() ?? "none"}${isHead ? " with another hash" : ""}.`;
    this.#check.tell({ kind: "journal-broken", subject, message });
  }

  get #name(): string {
    return `${this.#camera.name} (${this.#camera.id})`;
  }

  async #checkSegment(segment: StoredSegment): Promise<void> {
    const { first_sequence: first, last_sequence: last, hash: expected, head_hash: headHash } = segment;
    const key = journalSegmentKey(this.#check.forceId, this.#camera.id, first, expected);
    const subject = objectOf(key, { camera: this.#camera.id });
    if (first !== this.#next) {
      const message = `In the journal of camera ${this.#name} entry ${this.#next.toString()} should follow, but entry ${first.toString()} does.`;
      this.#check.tell({ kind: "journal-broken", subject, message });
      this.#skipTo(first, null);
    }
    const bytes = await this.#read(key, expected);
    // What is missing or altered was told; the row's hash of its last entry lets the chain go on behind it.
    if (bytes === null) {
      this.#skipTo(last + 1, headHash);
      return;
    }
    try {
      for (const { entry } of decodeSegment(bytes)) if (!(await this.#checkEntry(entry, key))) break;
    } catch (error) {
      if (!(error instanceof CustodyError)) throw error;
      this.#check.tell({
        kind: "journal-broken",
        subject,
        message: `The journal of camera ${this.#name}: ${error.message}`,
      });
    }
    if (this.#next === last + 1 && this.#head !== null && equalBytes(this.#head, headHash)) return;
    const message = `The row of the journal segment of camera ${this.#name} from entry ${first.toString()} on does not end as the segment does.`;
    this.#check.tell({
      kind: "journal-broken",
      subject: rowOf("journal_segment", `${this.#camera.id} ${first.toString()}`, {
        camera: this.#camera.id,
      }),
      message,
    });
    this.#skipTo(last + 1, headHash);
  }

  #skipTo(next: number, head: Uint8Array | null): void {
    this.#next = next;
    this.#head = head;
    this.#chain = new ChainVerifier(
      head === null ? "anywhere" : { sequence: next - 1, hash: head },
      this.#options,
    );
    this.#recording = null;
    this.#entries = [];
  }

  async #read(key: string, expected: Uint8Array): Promise<Uint8Array | null> {
    const opened = await this.#check.ports.store.openObject(key).catch(() => ({ kind: "absent" }) as const);
    if (opened.kind === "absent") return null;
    const bytes = await opened.object.read(0, opened.object.sizeBytes).catch(() => null);
    if (bytes === null || !equalBytes(hash(bytes), expected)) return null;
    this.#check.read(bytes.length);
    return new Uint8Array(bytes);
  }

  /** False: nothing behind it in this segment can be judged. */
  async #checkEntry(bytes: Uint8Array, key: string): Promise<boolean> {
    this.#check.looked("journal entries");
    const step = await this.#chain.next(bytes);
    let entry: JournalEntry;
    if (step.kind === "ok") {
      ({ entry } = step);
      this.#head = step.hash;
    } else if (step.problem.kind === "clock-backwards" && step.entry !== null) {
      // It was accepted with a finding; it is signed and in its place.
      ({ entry } = step);
      this.#head = await entryHash(bytes);
      this.#chain = new ChainVerifier({ sequence: entry.sequence, hash: this.#head }, this.#options);
    } else {
      const message = `Entry ${this.#next.toString()} of the journal of camera ${this.#name}: ${describeChainProblem(step.problem)}`;
      this.#check.tell({
        kind: "journal-broken",
        subject: objectOf(key, { camera: this.#camera.id }),
        message,
      });
      return false;
    }
    this.#next = entry.sequence + 1;
    await this.#follow(entry, bytes);
    return true;
  }

  async #follow(entry: JournalEntry, bytes: Uint8Array): Promise<void> {
    if (entry.kind === "recording-started") {
      this.#recording = entry.body.recording;
      this.#entries = [];
    }
    if (this.#recording === null) return;
    this.#entries.push({ entry, bytes });
    if (entry.kind === "recording-sealed" && equalBytes(entry.body.recording, this.#recording)) {
      await this.#compare(this.#recording, hash(bytes));
      this.#recording = null;
      this.#entries = [];
    }
  }

  async #compare(recording: Uint8Array, seal: Uint8Array): Promise<void> {
    this.#check.looked("journaled recordings");
    const id = formatId(recording);
    const row = (await this.#check.query((tx) => findRecordings(tx, [id]))).get(id);
    const collected = await collectRecording(
      this.#entries.map(({ entry }) => entry),
      recording,
    );
    if (collected.kind === "absent") return;
    const journal = collected.recording;
    const name = `recording ${id} (number ${journal.started?.body.number.toString() ?? "?"} of camera ${this.#name})`;
    if (row?.camera_id !== this.#camera.id) {
      const message = `The journal names ${name}, and the database has no row for it.`;
      this.#check.tell({
        kind: "recording-unknown",
        subject: { type: "recording", id, camera: this.#camera.id },
        message,
      });
      return;
    }
    // A recording whose own entries contradict each other is a finding of docking, and its row says so.
    const { started } = journal;
    if (collected.kind === "faulty" || started === null) return;
    const subject = rowOf("recording", id, { recording: row.id, camera: this.#camera.id });
    const listed = row.parts === null ? new Uint8Array(0) : row.parts;
    const differing = [
      ["seal", row.seal_hash !== null && equalBytes(row.seal_hash, seal)],
      [
        "identity",
        row.identity !== null &&
          journal.seal !== null &&
          equalBytes(row.identity, journal.seal.body.identity),
      ],
      ["number", row.number === started.body.number],
      ["first entry", row.first_sequence === started.sequence],
      ["last entry", row.last_sequence === journal.seal?.sequence],
      ["envelope", row.envelope_hash !== null && equalBytes(row.envelope_hash, started.body.envelope)],
      ["parts", equalBytes(encodeParts(journal.parts), listed)],
    ].filter(([, isSame]) => isSame === false);
    if (differing.length === 0) return;
    const message = `The row of ${name} differs from its journal in: ${differing.map(([field]) => String(field)).join(", ")}.`;
    this.#check.tell({ kind: "journal-disagrees", subject, message });
  }
}
