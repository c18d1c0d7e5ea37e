// Compares the two places of a key ring, and mends what one good copy can mend. Guarantees that a tombstone in
// either place kills the key in both, and that a repair never chooses between two different good keys.

import { allShards } from "../short-id.ts";
import { VaultError } from "../errors.ts";
import { openRecord, rootOfRecord } from "./key-record.ts";
import type { EntryKind, Place } from "./place.ts";
import type { RootKeys } from "./root-keys.ts";
import type { TurnTaker } from "./turn-taker.ts";

export type RingFinding =
  /** One place lacks a key or a tombstone that the other has. */
  | { readonly kind: "missing" | "tombstone-missing"; readonly place: 0 | 1; readonly id: string }
  /** A key file that does not open: altered, cut, of another id, or under a root that is gone. */
  | {
      readonly kind: "damaged";
      readonly place: 0 | 1;
      readonly id: string;
      readonly detail: string;
      /** The root that the file names, where it can be read: its root key file may be what is damaged. */
      readonly rootId: string | undefined;
    }
  /** The key is there although it was destroyed. */
  | { readonly kind: "undead"; readonly place: 0 | 1; readonly id: string }
  /** Both open and are not the same key: a person must decide. */
  | { readonly kind: "differs"; readonly id: string }
  /** A file that the ring did not write. */
  | { readonly kind: "foreign"; readonly place: 0 | 1; readonly name: string };

export interface RepairReport {
  readonly copied: number;
  readonly killed: number;
  /** Findings that are left, which no copy here can mend. */
  readonly unmended: number;
}

/** What one place holds under an id. */
export type Copy =
  | { readonly place: Place; readonly kind: "absent" }
  | {
      readonly place: Place;
      readonly kind: "damaged";
      readonly fault: VaultError;
      readonly rootId: string | undefined;
    }
  | { readonly place: Place; readonly kind: "good"; readonly record: Buffer; readonly key: Buffer };

export async function copyIn(place: Place, roots: RootKeys, id: string): Promise<Copy> {
  let rootId: string | undefined;
  try {
    const record = await place.read("key", id);
    if (record === undefined) return { place, kind: "absent" };
    rootId = rootOfRecord(record);
    return { place, kind: "good", record, key: await openRecord(roots, id, record) };
  } catch (error) {
    if (!(error instanceof VaultError)) throw error;
    return { place, kind: "damaged", fault: error, rootId };
  }
}

async function idsIn(places: readonly Place[], kind: EntryKind, shard: string) {
  const lists = [];
  for (const place of places) lists.push({ place, ...(await place.list(kind, shard)) });
  return { lists, all: [...new Set(lists.flatMap(({ ids }) => ids))].sort() };
}

async function keyFindings(places: readonly Place[], roots: RootKeys, id: string): Promise<RingFinding[]> {
  const copies: Copy[] = [];
  for (const place of places) copies.push(await copyIn(place, roots, id));
  const findings: RingFinding[] = [];
  for (const copy of copies) {
    const place = copy.place.number;
    if (copy.kind === "absent") findings.push({ kind: "missing", place, id });
    if (copy.kind === "damaged") {
      findings.push({ kind: "damaged", place, id, detail: copy.fault.message, rootId: copy.rootId });
    }
  }
  const keys = copies.flatMap((copy) => (copy.kind === "good" ? [copy.key] : []));
  if (keys.some((key) => keys[0]?.equals(key) === false)) findings.push({ kind: "differs", id });
  return findings;
}

function missingIn(place: Place, here: ReadonlySet<string>, all: readonly string[]): RingFinding[] {
  return all.filter((id) => !here.has(id)).map((id) => ({ kind: "missing", place: place.number, id }));
}

/** `names` lists the folders only; `keys` also opens every key. */
export type RingDepth = "names" | "keys";

export async function* checkRing(
  places: readonly Place[],
  roots: RootKeys,
  depth: RingDepth,
): AsyncGenerator<RingFinding, void, undefined> {
  for (const shard of allShards()) {
    const tombstones = await idsIn(places, "tombstone", shard);
    const keys = await idsIn(places, "key", shard);
    for (const { place, foreign } of [...tombstones.lists, ...keys.lists]) {
      for (const name of foreign) yield { kind: "foreign", place: place.number, name };
    }
    const dead = new Set(tombstones.all);
    for (const { place, ids } of tombstones.lists) {
      const here = new Set(ids);
      for (const id of tombstones.all) {
        if (!here.has(id)) yield { kind: "tombstone-missing", place: place.number, id };
      }
    }
    for (const { place, ids } of keys.lists) {
      for (const id of ids) if (dead.has(id)) yield { kind: "undead", place: place.number, id };
    }
    if (depth === "keys") {
      for (const id of keys.all) if (!dead.has(id)) yield* await keyFindings(places, roots, id);
    } else {
      for (const { place, ids } of keys.lists) yield* missingIn(place, new Set([...ids, ...dead]), keys.all);
    }
  }
}

/** Copies the tombstone of `id` to where it is missing, then kills the key everywhere. */
async function killEverywhere(
  places: readonly Place[],
  id: string,
): Promise<{ copied: number; killed: number }> {
  const tombstones = await Promise.all(places.map((place) => place.read("tombstone", id)));
  const known = tombstones.find((bytes) => bytes !== undefined);
  if (known === undefined) return { copied: 0, killed: 0 };
  let copied = 0;
  for (const [index, place] of places.entries()) {
    if (tombstones[index] !== undefined) continue;
    await place.write("tombstone", id, known);
    copied += 1;
  }
  let killed = 0;
  for (const place of places) if (await place.remove("key", id)) killed += 1;
  return { copied, killed };
}

/** Copies a good key to the place that lacks it; re-reads first, as the finding may be old. */
async function mendKey(places: readonly Place[], roots: RootKeys, id: string): Promise<number> {
  for (const place of places) if ((await place.read("tombstone", id)) !== undefined) return 0;
  const copies: Copy[] = [];
  for (const place of places) copies.push(await copyIn(place, roots, id));
  const good = copies.find((copy) => copy.kind === "good");
  if (good?.kind !== "good") return 0;
  const broken = copies.filter((copy) => copy.kind !== "good");
  for (const copy of broken) await copy.place.write("key", id, good.record);
  return broken.length;
}

export async function repairRing(
  places: readonly Place[],
  roots: RootKeys,
  turns: TurnTaker,
  depth: RingDepth,
): Promise<RepairReport> {
  let copied = 0;
  let killed = 0;
  let unmended = 0;
  for await (const finding of checkRing(places, roots, depth)) {
    if (finding.kind === "foreign" || finding.kind === "differs") {
      unmended += 1;
    } else if (finding.kind === "undead" || finding.kind === "tombstone-missing") {
      const done = await turns.take(finding.id, () => killEverywhere(places, finding.id));
      copied += done.copied;
      killed += done.killed;
    } else {
      const done = await turns.take(finding.id, () => mendKey(places, roots, finding.id));
      copied += done;
      if (done === 0 && finding.kind === "damaged") unmended += 1;
    }
  }
  return { copied, killed, unmended };
}
