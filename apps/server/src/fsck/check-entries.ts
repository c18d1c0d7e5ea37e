// Level 4: every entry of the log, its row and its encrypted private entry beside the tiles say the same, and its opening
// fits the public leaf. What the entries tell of recordings is what their rows say.
import {
  decodeCbor,
  encodeLeaf,
  equalBytes,
  formatId,
  readPrivateEntry,
  CustodyError,
  type PrivateEntry,
} from "@sworn/custody";
import { decodeEntryBundle, tilePath } from "@sworn/ledger";
import { VaultError } from "@sworn/vault";
import { LedgerFault, OpeningKeys, privatePath, type LogFolder } from "../ledger/index.ts";
import { hash } from "./digest.ts";
import { entriesBetween, type StoredEntry } from "./ledger-store.ts";
import type { ForceCheck } from "./ports.ts";
import { findRecordings, type StoredRecording } from "./store.ts";
import { rowOf } from "./subjects.ts";

const bundleSize = 256;

interface Given {
  readonly folder: LogFolder;
  readonly size: number;
  /** Paths that were told of. */
  readonly damaged: ReadonlySet<string>;
}

interface PrivateRecord {
  readonly id: number;
  readonly keyId: string;
  readonly sealed: Uint8Array;
}

export async function checkEntries(check: ForceCheck, given: Given): Promise<void> {
  const keys = check.keys === null ? null : new OpeningKeys(withoutPut(check.keys));
  for (let from = 0; from < given.size; from += bundleSize) {
    const to = Math.min(given.size, from + bundleSize);
    const path = tilePath({ level: "entries", index: from / bundleSize, width: to - from });
    const leaves = given.damaged.has(path) ? null : await readBundle(given.folder, path, to - from);
    const besides = await readPrivate(check, given.folder, path, to - from);
    const rows = await check.query((tx) => entriesBetween(tx, from, to));
    const opened: [index: number, entry: PrivateEntry][] = [];
    for (let index = from; index < to; index += 1) {
      check.looked("ledger entries");
      const row = rows.get(index);
      const beside = besides?.[index - from] ?? null;
      if (row === undefined) {
        const message = `Entry ${index.toString()} of the log of force ${check.forceId} has no row.`;
        check.tell({
          kind: "entry-missing",
          subject: rowOf("ledger_entry", `index ${index.toString()}`),
          message,
        });
        continue;
      }
      const leaf = leaves?.[index - from];
      if (leaf !== undefined && !equalBytes(leaf, row.leaf)) {
        tellRow(check, row, "its leaf is not the one that the log has");
        continue;
      }
      const entry = await openBoth(check, keys, { row, beside, path: privatePath(path) });
      if (entry !== null) opened.push([index, entry]);
    }
    await checkTold(check, opened);
  }
}

const withoutPut = (keys: NonNullable<ForceCheck["keys"]>): ConstructorParameters<typeof OpeningKeys>[0] => ({
  get: (id) => keys.get(id),
  put: () => Promise.resolve({ kind: "conflict" }),
});

function tellRow(check: ForceCheck, row: StoredEntry, what: string): void {
  const index = row.index?.toString() ?? "?";
  const message = `The row of entry ${index} of the log of force ${check.forceId}: ${what}.`;
  check.tell({ kind: "row-altered", subject: rowOf("ledger_entry", row.id), message });
}

/** A partial bundle may have been replaced by the full one meanwhile. */
async function readBundle(folder: LogFolder, path: string, width: number): Promise<Uint8Array[] | null> {
  const bytes = await folder.read(path);
  if (bytes !== undefined) {
    const decoded = decodeEntryBundle(bytes, width);
    return decoded.ok ? decoded.value : null;
  }
  const full = width === bundleSize ? undefined : await folder.read(path.replace(/\.p\/\d+$/, ""));
  const decoded = full === undefined ? null : decodeEntryBundle(full, bundleSize);
  return decoded?.ok === true ? decoded.value.slice(0, width) : null;
}

async function readPrivate(
  check: ForceCheck,
  folder: LogFolder,
  path: string,
  width: number,
): Promise<(PrivateRecord | null)[] | null> {
  const name = privatePath(path);
  const bundle = await readBundle(folder, name, width);
  if (bundle === null) {
    const message = `The private entries ${name} of force ${check.forceId} are missing or damaged.`;
    check.tell({ kind: "private-entry-damaged", subject: { type: "tile", id: name }, message });
    return null;
  }
  return bundle.map((bytes) => {
    check.read(bytes.length);
    return readRecord(bytes);
  });
}

function readRecord(bytes: Uint8Array): PrivateRecord | null {
  try {
    const value: unknown = decodeCbor(bytes, "A private entry");
    if (!Array.isArray(value) || value.length !== 3) return null;
    const [id, keyId, sealed] = value as unknown[];
    const isRecord = typeof id === "number" && typeof keyId === "string" && sealed instanceof Uint8Array;
    return isRecord ? { id, keyId, sealed } : null;
  } catch (error) {
    if (error instanceof CustodyError) return null;
    throw error;
  }
}

/** The entry, opened. Where row and file differ, the one that opens is right. */
async function openBoth(
  check: ForceCheck,
  keys: OpeningKeys | null,
  {
    row,
    beside,
    path,
  }: { readonly row: StoredEntry; readonly beside: PrivateRecord | null; readonly path: string },
): Promise<PrivateEntry | null> {
  const index = row.index?.toString() ?? "?";
  const isSame =
    beside?.id === row.id &&
    beside.keyId === row.opening_key &&
    equalBytes(beside.sealed, row.sealed_opening);
  const fromRow = await open(check, keys, row, { keyId: row.opening_key, sealed: row.sealed_opening });
  if (!isSame) {
    const fromFile = beside === null ? "damaged" : await open(check, keys, row, beside);
    const isRowToBlame = fromRow === "damaged" && fromFile !== "damaged";
    if (isRowToBlame)
      tellRow(check, row, "its private entry does not open, and the one beside the tiles does");
    else {
      const message = `The private entry ${index} in ${path} of force ${check.forceId} is not the one of its row.`;
      check.tell({ kind: "private-entry-damaged", subject: { type: "tile", id: path }, message });
    }
    return isRowToBlame && typeof fromFile === "object"
      ? fromFile
      : typeof fromRow === "object"
        ? fromRow
        : null;
  }
  if (fromRow === "damaged") tellRow(check, row, "its private entry does not open as this leaf's");
  if (typeof fromRow === "string") return null;
  const differing = differences(row, fromRow);
  if (differing.length > 0)
    tellRow(check, row, `it differs from what was committed to in: ${differing.join(", ")}`);
  return fromRow;
}

/** `closed`: its key is not there, which is told elsewhere, or was destroyed at its time. */
async function open(
  check: ForceCheck,
  keys: OpeningKeys | null,
  row: StoredEntry,
  sealed: { readonly keyId: string; readonly sealed: Uint8Array },
): Promise<PrivateEntry | "damaged" | "closed"> {
  if (keys === null) return "closed";
  try {
    const opening = await keys.open(check.force, row.leaf, sealed);
    return equalBytes(await encodeLeaf(opening), row.leaf) ? readPrivateEntry(opening.details) : "damaged";
  } catch (error) {
    if (error instanceof LedgerFault) return (await isLost(check, sealed.keyId)) ? "damaged" : "closed";
    if (error instanceof VaultError) return error.code === "ring-damaged" ? "closed" : "damaged";
    if (error instanceof CustodyError) return "damaged";
    throw error;
  }
}

/** No key of that id was ever there, or it went without a tombstone. */
async function isLost(check: ForceCheck, keyId: string): Promise<boolean> {
  const { tombstones } = (await check.keys?.locate(keyId)) ?? { tombstones: [true, true] };
  return !tombstones.includes(true);
}

const text = (id: Uint8Array | undefined): string | null => (id === undefined ? null : formatId(id));

function differences(row: StoredEntry, entry: PrivateEntry): string[] {
  const pairs: [string, unknown, unknown][] = [
    ["force", formatId(entry.force), row.force_id],
    ["event", entry.event, row.event],
    ["time", entry.atMs, row.at.getTime()],
    ["person", text(entry.actor.person), row.person_id],
    ["device", text(entry.actor.device), row.device_id],
    ["recording", text(entry.recording), row.recording_id],
    ["camera", text(entry.camera), row.camera_id],
  ];
  return pairs.filter(([, said, stored]) => said !== stored).map(([name]) => name);
}

/** What the entries of one bundle say of recordings, against the recordings' rows. */
async function checkTold(
  check: ForceCheck,
  opened: readonly [index: number, entry: PrivateEntry][],
): Promise<void> {
  const about = opened.filter(
    ([, { event }]) => event === "recording-collected" || event === "recording-destroyed",
  );
  const ids = [...new Set(about.map(([, { recording }]) => text(recording)))].filter((id) => id !== null);
  const rows = await check.query((tx) => findRecordings(tx, ids));
  for (const [index, entry] of about) {
    const id = text(entry.recording);
    const row = rows.get(id ?? "");
    const place = `Entry ${index.toString()} of the log of force ${check.forceId}`;
    if (row === undefined || row.state === "expected") {
      const message = `${place} says that recording ${id ?? "?"} was ${entry.event.slice("recording-".length)}, and the database does not have it.`;
      check.tell({ kind: "recording-unknown", subject: { type: "recording", id: id ?? "?" }, message });
    } else {
      const differing =
        entry.event === "recording-collected" ? collectedDiffers(row, entry) : destroyedDiffers(row, entry);
      if (differing === null) continue;
      const subject = rowOf("recording", row.id, { recording: row.id });
      check.tell({
        kind: "row-altered",
        subject,
        message: `${place} and the row of recording ${row.id} differ in: ${differing}.`,
      });
    }
  }
}

function collectedDiffers(row: StoredRecording, { data }: PrivateEntry): string | null {
  const { identity, manifest, verdict } = data;
  const isSame = (said: unknown, stored: Uint8Array | null): boolean =>
    said instanceof Uint8Array && stored !== null && equalBytes(said, stored);
  if (!isSame(identity, row.identity)) return "identity";
  if (row.manifest !== null && !isSame(manifest, hash(row.manifest))) return "manifest";
  return verdict === row.verdict ? null : "verdict";
}

function destroyedDiffers(row: StoredRecording, { data }: PrivateEntry): string | null {
  if (row.state !== "destroyed" || row.destruction_certificate === null)
    return "state: the row says that it is kept";
  const { certificate } = data;
  return certificate instanceof Uint8Array && equalBytes(certificate, hash(row.destruction_certificate))
    ? null
    : "certificate of destruction";
}
