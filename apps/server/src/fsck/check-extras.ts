// Level 1, the other way round: every object and every key that is there is one that a row names.
import { fromHex } from "@sworn/custody";
import { isId, type ForceId } from "@sworn/contract";
import { manifestObjectKey } from "../evidence/index.ts";
import { certificateKeyOf } from "../retention/index.ts";
import { hash } from "./digest.ts";
import type { ForceCheck, FsckPorts, ReadableRing, Tally } from "./ports.ts";
import { findJournalKeys } from "./promises-store.ts";
import { findNamedObjects, findRecordings, hasSegment, type StoredRecording } from "./store.ts";
import { keyOf, objectOf } from "./subjects.ts";

const batchSize = 200;

/** `checks`: those of the forces to look at. Objects and keys of forces that are not known are told of with `tally`. */
export async function checkExtras(
  ports: FsckPorts,
  given: {
    readonly keys: ReadableRing | null;
    readonly checks: ReadonlyMap<string, ForceCheck>;
    readonly known: ReadonlySet<string>;
  },
  tally: Tally,
): Promise<void> {
  const { checks, known, keys } = given;
  const names = async function* (): AsyncGenerator<string> {
    for await (const { key } of ports.store.list()) yield key;
  };
  for await (const batch of batches(names())) {
    tally.looked("objects", batch.length);
    for (const [force, ofForce] of groupBy(batch, (key) => key.split("/", 1)[0] ?? "")) {
      const check = checks.get(force);
      if (check !== undefined) await checkObjects(check, ofForce);
      else if (!known.has(force)) for (const key of ofForce) tellExtraObject(tally, key);
    }
  }
  if (keys === null) return;
  for await (const batch of batches(keys.list())) await checkKeys(batch, given, tally);
}

function tellExtraObject(tally: Tally, key: string): void {
  tally.tell({ kind: "object-extra", subject: objectOf(key), message: `No row names the object ${key}.` });
}

async function checkObjects(check: ForceCheck, objectKeys: readonly string[]): Promise<void> {
  const idOf = (key: string): string | undefined => {
    const [, area, id] = key.split("/");
    return area === "recordings" && id !== undefined && isId(id) ? id : undefined;
  };
  const ids = new Set(objectKeys.map(idOf).filter((id) => id !== undefined));
  const rows = await check.query((tx) => findRecordings(tx, [...ids]));
  const named = await check.query((tx) => findNamedObjects(tx, objectKeys));
  for (const key of objectKeys) {
    const row = rows.get(idOf(key) ?? "");
    if (row?.state === "destroyed" && !staysBehind(check.forceId, row, key)) {
      // Its media was looked for already; this is what else is left of it.
      if (key === row.object_key) continue;
      const message = `Of recording ${row.id}, which was destroyed, this is still there: ${key}.`;
      check.tell({ kind: "object-undead", subject: objectOf(key), message });
    } else if (!named.has(key) && !(await isNamed(check, row, key))) {
      tellExtraObject(check, key);
    }
  }
}

/** Manifests, receipt and certificate of a recording stay, whatever becomes of it. */
function staysBehind(forceId: ForceId, row: StoredRecording, key: string): boolean {
  const rest = key.slice(`${forceId}/recordings/${row.id}/`.length);
  return rest === "receipt" || rest.startsWith("manifest-") || key === certificateKeyOf(forceId, row.id);
}

async function isNamed(check: ForceCheck, row: StoredRecording | undefined, key: string): Promise<boolean> {
  const { forceId } = check;
  if (row !== undefined) {
    if (key === row.object_key) return true;
    if (row.manifest !== null && key === manifestObjectKey(forceId, row.id, hash(row.manifest))) return true;
    const rest = key.slice(`${forceId}/recordings/${row.id}/`.length);
    if (rest === "receipt") return row.state !== "expected";
    return rest === "destruction" && row.state !== "expected";
  }
  const segment = /^[0-9a-f-]{36}\/journals\/([0-9a-f-]{36})\/(\d{12})-([0-9a-f]{64})$/.exec(key);
  const [, camera, first, digest] = segment ?? [];
  if (camera === undefined || digest === undefined || !isId(camera) || fromHex(digest) === null) return false;
  return check.query((tx) => hasSegment(tx, camera, Number(first), digest));
}

async function checkKeys(
  ids: readonly string[],
  {
    checks,
    known,
  }: { readonly checks: ReadonlyMap<string, ForceCheck>; readonly known: ReadonlySet<string> },
  tally: Tally,
): Promise<void> {
  const recordings = new Map(
    ids.flatMap((id) =>
      id.startsWith("recording/") && isId(id.slice(10)) ? [[id.slice(10), id] as const] : [],
    ),
  );
  const found = new Set<string>();
  for (const check of checks.values()) {
    for (const id of (await check.query((tx) => findRecordings(tx, [...recordings.keys()]))).keys())
      found.add(id);
  }
  const isPartial = checks.size < known.size;
  const journalKeys = new Set<string>();
  const ofJournals = ids.filter((id) => id.startsWith("journal/"));
  if (ofJournals.length > 0)
    for (const check of checks.values())
      for (const id of await check.query((tx) => findJournalKeys(tx, ofJournals))) journalKeys.add(id);
  for (const id of ids) {
    const [area, force, month] = id.split("/");
    // A key of the change log, named by its file's number.
    if (area === "changes" && known.has(force ?? "") && /^\d+$/.test(month ?? "")) continue;
    if (area === "journal" && (isPartial || journalKeys.has(id))) continue;
    const isOpening = area === "ledger" && known.has(force ?? "") && /^\d{4}-\d{2}$/.test(month ?? "");
    // With some forces only, a key of none of theirs may be another's.
    if (isOpening || (area === "recording" && (isPartial || found.has(force ?? "")))) continue;
    tally.tell({ kind: "key-extra", subject: keyOf(id), message: `No row names the key ${id}.` });
  }
}

async function* batches<T>(items: AsyncIterable<T>): AsyncGenerator<T[]> {
  let batch: T[] = [];
  for await (const item of items) {
    batch.push(item);
    if (batch.length < batchSize) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

function groupBy<T>(items: readonly T[], nameOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const name = nameOf(item);
    const group = groups.get(name);
    if (group) group.push(item);
    else groups.set(name, [item]);
  }
  return groups;
}
