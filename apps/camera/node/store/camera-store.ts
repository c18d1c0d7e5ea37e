// Opens a camera's folder and brings it into a state that the journal explains, whatever moment the power was cut at.
// Steps, each safe to repeat: cut the journal's torn tail; put the announced entry in place if its part is whole;
// finish removals of what was freed; set aside nothing else. The unsealed recording is sealed by the next boot.
import * as v from "valibot";
import {
  CustodyError,
  FIRST_PREVIOUS,
  type JournalRecord,
  decodeCbor,
  encodeCbor,
  equalBytes,
  parseEntry,
  sha256,
  verifySign1,
} from "@sworn/custody";
import { open, stat } from "node:fs/promises";
import { CameraError, systemCode } from "../camera-error.ts";
import { type Identity, readIdentity } from "../identity.ts";
import { CameraMemory, type RememberedRecording } from "./camera-memory.ts";
import type { Disk } from "./disk.ts";
import {
  type FolderLayout,
  envelopePath,
  folderLayout,
  mediaPath,
  recordingFolder,
  recordingFolderName,
} from "./folder-layout.ts";
import { JournalFiles } from "./journal-files.ts";
import { JournalKeeper } from "./journal-keeper.ts";
import { PendingEntry, partIsWhole } from "./pending-entry.ts";
import { RecordingKeeper, type StoreLimits } from "./recording-keeper.ts";
import { Reserve } from "./reserve.ts";

const bytesOf = (size: number) =>
  v.custom<Uint8Array>((value) => value instanceof Uint8Array && value.length === size);
const baseShape = v.strictObject({
  through: v.pipe(v.number(), v.safeInteger()),
  head: bytesOf(32),
  lastNumber: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
});

/** What came before the first entry that is still here. */
export type JournalBase = v.InferOutput<typeof baseShape>;

const NO_BASE: JournalBase = { through: -1, head: FIRST_PREVIOUS, lastNumber: 0 };

export interface CameraStore {
  readonly disk: Disk;
  readonly layout: FolderLayout;
  readonly identity: Identity;
  readonly memory: CameraMemory;
  readonly files: JournalFiles;
  readonly journal: JournalKeeper;
  readonly recordings: RecordingKeeper;
  readonly reserve: Reserve;
  /** Codes for `fault` entries of the next boot: what was found that should not be so. */
  readonly findings: readonly string[];
  /** Bytes behind the last journaled part of a recording. */
  bytesBehind(recording: RememberedRecording): Promise<number>;
  /** Removes the media of a recording whose `freed` entry is written. */
  removeMedia(id: Uint8Array): Promise<void>;
  dropJournal(base: JournalBase): Promise<void>;
  close(): Promise<void>;
}

/** @throws CameraError `folder-missing`, `not-enrolled`, `enrolment-invalid`, `folder-damaged` */
export async function openStore(folder: string, disk: Disk, limits: StoreLimits): Promise<CameraStore> {
  const layout = folderLayout(folder);
  const identity = await readIdentity(disk, layout);
  const base = await readBase(disk, layout);
  const memory = new CameraMemory(base.lastNumber);
  const files = await JournalFiles.open(
    disk,
    layout.journal,
    { sequence: base.through, hash: base.head },
    {
      visit: ({ entry }) => {
        memory.learn(entry);
      },
      isOwn: (record) => isOwn(record, identity),
    },
  );
  if (files.head.sequence < 0) {
    throw new CameraError(
      "folder-damaged",
      `The journal of the camera in ${folder} is gone. Hand the camera in with its folder as it is.`,
    );
  }
  const pending = new PendingEntry(disk, layout.pending);
  const reserve = new Reserve(disk, layout.reserve);
  const journal = new JournalKeeper({ identity, files, pending, memory, reserve });
  await placePending({ disk, layout, identity, memory, files, journal, pending });
  const findings = await tidyRecordings(disk, layout, memory);
  await reserve.take();
  const recordings = new RecordingKeeper({ disk, layout, identity, journal, memory, limits });
  return {
    ...{ disk, layout, identity, memory, files, journal, recordings, reserve, findings },
    bytesBehind: async (recording) =>
      Math.max(0, (await mediaBytes(layout, recording)) - recording.storedBytes),
    removeMedia: async (id) => {
      const known = memory.find(id);
      if (!known) return;
      await disk.remove(recordingFolder(layout, known));
      memory.forget(id);
      await reserve.take();
    },
    dropJournal: (next) =>
      files.dropThrough(next.through, () => disk.writeWhole(layout.base, encodeCbor({ ...next }))),
    close: async () => {
      await recordings.abandon();
      await pending.close();
      await files.close();
    },
  };
}

async function readBase(disk: Disk, layout: FolderLayout): Promise<JournalBase> {
  const bytes = await disk.readWhole(layout.base);
  if (!bytes) return NO_BASE;
  try {
    return v.parse(baseShape, decodeCbor(bytes, "The journal's base"));
  } catch (cause) {
    if (!(cause instanceof CustodyError || cause instanceof v.ValiError)) throw cause;
    throw new CameraError(
      "folder-damaged",
      `${layout.base} is damaged. Nothing was changed. Hand the camera in with its folder as it is.`,
      { cause },
    );
  }
}

async function isOwn(record: JournalRecord, identity: Identity): Promise<boolean> {
  const { sign1 } = parseEntry(record.entry);
  return (
    equalBytes(sign1.certificateHash, identity.certificate.hash) &&
    (await verifySign1(sign1, identity.certificate.publicKey))
  );
}

/** The entry that was announced before the crash takes its place if its part is whole. */
async function placePending(store: {
  disk: Disk;
  layout: FolderLayout;
  identity: Identity;
  memory: CameraMemory;
  files: JournalFiles;
  journal: JournalKeeper;
  pending: PendingEntry;
}): Promise<void> {
  const { disk, layout, memory, journal } = store;
  const pending = await store.pending.read();
  if (!pending) return;
  const { entry, record } = pending;
  if (entry.kind !== "fragment" && entry.kind !== "recording-started") return;
  const { recording: id } = entry.body;
  const known = memory.find(id);
  if (entry.kind === "fragment" && !known) return;
  const number = entry.kind === "recording-started" ? entry.body.number : (known?.number ?? 0);
  const folder = recordingFolder(layout, { number, id });
  if (entry.kind === "recording-started") {
    const envelope = await disk.readWhole(envelopePath(folder));
    if (!envelope || !equalBytes(await sha256(envelope), entry.body.envelope)) return;
  }
  const part = entry.kind === "fragment" ? entry.body : entry.body.init;
  const behind = await readMedia(mediaPath(folder), known?.storedBytes ?? 0, part.storedBytes);
  if (!(await partIsWhole(entry, store.files.head, behind)) || !(await isOwn(record, store.identity))) return;
  // A killed camera may have left the part in memory only: nothing is journaled that a power cut could still take.
  const media = await disk.openAppend(mediaPath(folder));
  try {
    await media.sync();
  } finally {
    await media.close();
  }
  await journal.keep({ entry, record });
}

/** Removes what was freed and what never began; names what is missing. */
async function tidyRecordings(disk: Disk, layout: FolderLayout, memory: CameraMemory): Promise<string[]> {
  const findings: string[] = [];
  for (const recording of memory.recordings()) {
    if (recording.freed) {
      await disk.remove(recordingFolder(layout, recording));
      memory.forget(recording.id);
    } else if ((await mediaBytes(layout, recording)) < recording.storedBytes) {
      findings.push(`media-missing-${String(recording.number)}`);
    }
  }
  const known = new Set(memory.recordings().map(recordingFolderName));
  for (const name of await disk.list(layout.recordings)) {
    if (known.has(name)) continue;
    // No entry names it: its start was never journaled, or its removal after `freed` was cut short.
    await disk.remove(`${layout.recordings}/${name}`);
    findings.push("unstarted-recording-removed");
  }
  return findings;
}

async function mediaBytes(layout: FolderLayout, recording: RememberedRecording): Promise<number> {
  try {
    return (await stat(mediaPath(recordingFolder(layout, recording)))).size;
  } catch (error) {
    if (systemCode(error) === "ENOENT") return 0;
    throw error;
  }
}

/** Up to `lengthBytes` of media from `offset`; fewer at the end of the file, none if there is no file. */
export async function readMedia(path: string, offset: number, lengthBytes: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(lengthBytes);
  try {
    const file = await open(path, "r");
    try {
      let filled = 0;
      while (filled < lengthBytes) {
        const { bytesRead } = await file.read(bytes, filled, lengthBytes - filled, offset + filled);
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
      return bytes.subarray(0, filled);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (systemCode(error) === "ENOENT") return new Uint8Array(0);
    throw error;
  }
}
