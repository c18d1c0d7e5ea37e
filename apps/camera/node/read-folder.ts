// Reads what is on a camera from its folder and changes nothing: for a camera that was found, and that nobody may switch
// on any more, because its certificate is revoked and its folder is evidence. Damage ends what is read, and is told.
import { readFile, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import {
  CustodyError,
  type JournalRecord,
  encodeRecord,
  encodeSegment,
  entryHash,
  equalBytes,
  parseCertificate,
  parseEntry,
} from "@sworn/custody";
import { CameraError, systemCode } from "./camera-error.ts";
import { envelopePath, folderLayout, mediaPath } from "./store/folder-layout.ts";
import type { JournalHead, JournalSegment } from "./store/journal-files.ts";
import { readLeniently } from "./store/journal-tail.ts";
import { findPending } from "./store/find-pending.ts";

export interface FoundRecording {
  readonly id: string;
  readonly number: number;
  /** Absolute or as the folder was given; ciphertext, perhaps with more behind what is journaled. */
  readonly mediaPath: string;
  readonly mediaBytes: number;
  /** Null: it is not there. */
  readonly envelope: Uint8Array | null;
}

export interface FoundCamera {
  /** As its certificate says. */
  readonly cameraId: Uint8Array;
  readonly head: JournalHead;
  /** What could not be read, one sentence each. */
  readonly damage: readonly string[];
  /** The entry in hand, which is handed in as the journal's last: no journal file has it. Null: none, or it is in one. */
  readonly inHand: { readonly sequence: number } | null;
  readonly recordings: readonly FoundRecording[];
  /** The journal, file by file, as far as it is whole, in segments of at most 4 MiB. */
  segments(): AsyncGenerator<JournalSegment>;
}

/** A segment stays well below its bound. */
const SEGMENT_BYTES = 2 * 1024 * 1024;

/** @throws CameraError `folder-missing`, `folder-damaged` */
export async function readCameraFolder(folder: string): Promise<FoundCamera> {
  const layout = folderLayout(folder);
  const certificate = await readOrNull(layout.certificate);
  if (certificate === null)
    throw new CameraError("folder-missing", `There is no camera with a certificate in ${folder}.`);
  const parsed = await parseCertificate(certificate).catch((cause: unknown) => {
    throw new CameraError("folder-damaged", `The camera's certificate in ${folder} is damaged.`, { cause });
  });
  const files = (await list(layout.journal)).filter((name) => /^\d{12}\.cborseq$/.test(name)).sort();
  const damage: string[] = [];
  let head: JournalHead | null = null;
  let behind = new Uint8Array(0);
  for (const name of files) {
    const { records, problem, rest } = await readFileOf(layout.journal, name);
    if (problem !== null) damage.push(problem);
    behind = rest;
    const last = records.at(-1);
    if (last !== undefined) head = await headOf(last);
  }
  if (head === null)
    throw new CameraError("folder-damaged", `The journal of the camera in ${folder} cannot be read.`);
  const recordings = await findRecordings(layout.recordings);
  const journaled = async function* (): AsyncGenerator<JournalRecord> {
    for (const name of files) yield* (await readFileOf(layout.journal, name)).records;
  };
  const pending = await findPending(layout, { certificate: parsed, head, recordings, journaled });
  // What is torn at the journal's end is that entry's own beginning: nothing of it is lost.
  if (pending !== null && behind.length > 0 && beginsWith(encodeRecord(pending), behind)) damage.pop();
  return {
    cameraId: parsed.subjectId,
    head: pending === null ? head : await headOf(pending),
    damage,
    inHand: pending === null ? null : { sequence: head.sequence + 1 },
    recordings,
    async *segments() {
      for (const name of files) yield* inSegments((await readFileOf(layout.journal, name)).records);
      if (pending !== null) yield* inSegments([pending]);
    },
  };
}

async function headOf({ entry }: JournalRecord): Promise<JournalHead> {
  return { sequence: parseEntry(entry).entry.sequence, hash: await entryHash(entry) };
}

const beginsWith = (bytes: Uint8Array, beginning: Uint8Array): boolean =>
  equalBytes(bytes.subarray(0, beginning.length), beginning);

async function readFileOf(
  folder: string,
  name: string,
): Promise<{ records: readonly JournalRecord[]; problem: string | null; rest: Uint8Array<ArrayBuffer> }> {
  const path = join(folder, name);
  const bytes = await readFile(path);
  const { records, wholeBytes } = readLeniently(bytes);
  let readable = records.length;
  for (const [place, { entry }] of records.entries()) {
    try {
      parseEntry(entry);
    } catch (error) {
      if (!(error instanceof CustodyError)) throw error;
      readable = place;
      break;
    }
  }
  const isWhole = wholeBytes === bytes.length && readable === records.length;
  const problem = isWhole
    ? null
    : `${path} can be read up to its record ${readable.toString()}; what follows there was not handed in.`;
  const rest = readable === records.length ? new Uint8Array(bytes.subarray(wholeBytes)) : new Uint8Array(0);
  return { records: records.slice(0, readable), problem, rest };
}

function* inSegments(records: readonly JournalRecord[]): Generator<JournalSegment> {
  let batch: JournalRecord[] = [];
  let sizeBytes = 0;
  const segment = (): JournalSegment => {
    const sequenceOf = (record: JournalRecord | undefined): number =>
      record === undefined ? 0 : parseEntry(record.entry).entry.sequence;
    return {
      fromSequence: sequenceOf(batch[0]),
      toSequence: sequenceOf(batch.at(-1)),
      bytes: encodeSegment(batch),
    };
  };
  for (const record of records) {
    batch.push(record);
    sizeBytes += record.entry.length + (record.opening?.length ?? 0);
    if (sizeBytes < SEGMENT_BYTES) continue;
    yield segment();
    batch = [];
    sizeBytes = 0;
  }
  if (batch.length > 0) yield segment();
}

async function findRecordings(folder: string): Promise<FoundRecording[]> {
  const found: FoundRecording[] = [];
  for (const name of await list(folder)) {
    const [, number, id] = /^([1-9]\d{0,8})-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.exec(name) ?? [];
    if (number === undefined || id === undefined) continue;
    const path = join(folder, name);
    const media = mediaPath(path);
    const status = await stat(media).catch(absent);
    found.push({
      ...{ id, number: Number(number), mediaPath: media, mediaBytes: status?.size ?? 0 },
      envelope: await readOrNull(envelopePath(path)),
    });
  }
  return found.sort((a, b) => a.number - b.number);
}

function absent(error: unknown): null {
  const code = systemCode(error);
  if (code === "ENOENT" || code === "ENOTDIR") return null;
  throw error;
}

const readOrNull = (path: string): Promise<Uint8Array | null> => readFile(path).catch(absent);
const list = async (folder: string): Promise<string[]> => (await readdir(folder).catch(absent)) ?? [];
