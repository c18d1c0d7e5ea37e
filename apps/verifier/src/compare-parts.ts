// Compares a recording's file with the parts it must have, and tells apart what was altered, moved, repeated, put in
// or left out. A part counts as authentic only by its SHA-256.
import type { FileHandle } from "node:fs/promises";
import { equalBytes, toHex } from "@sworn/custody";
import type { ExpectedPart } from "./expected-parts.ts";
import { type FoundUnits, type Span, type Unit, findEqualUnits, findMp4Units } from "./find-units.ts";
import { type Progress, hashParts, hashRange } from "./hash-parts.ts";

export type PartState = "authentic" | "altered" | "missing" | "moved";

export interface ComparedPart {
  readonly part: ExpectedPart;
  readonly state: PartState;
  /** Where it stands, or should stand. */
  readonly atBytes: number;
  /** What stands in its place, or stands elsewhere and is it; null if nothing of its length does. */
  readonly hash: Uint8Array | null;
}

export interface Comparison {
  readonly parts: readonly ComparedPart[];
  /** Parts of this recording that stand where they do not belong, beside their own place. */
  readonly repeated: readonly { readonly index: number; readonly atBytes: number }[];
  /** What looks like a part and is none of this recording's. */
  readonly foreign: readonly Unit[];
  /** Known parts do not stand in their order. */
  readonly reordered: boolean;
  /** Something stands within the recording that was not recorded. */
  readonly inserted: boolean;
  readonly fileBytes: number;
  readonly expectedBytes: number;
}

interface Placed {
  readonly index: number;
  readonly atBytes: number;
}

export async function compareParts(
  file: { readonly handle: FileHandle; readonly sizeBytes: number },
  expected: readonly ExpectedPart[],
  options: { readonly format: "cmaf" | "file"; readonly onProgress?: (progress: Progress) => void },
): Promise<Comparison> {
  const hashed = await hashParts(file.handle, expected, options.onProgress);
  const expectedBytes = expected.reduce((total, part) => total + part.lengthBytes, 0);
  const rows = expected.map((part, at) => {
    const { atBytes = 0, hash = null } = hashed[at] ?? {};
    return { part, atBytes, hash, fits: hash !== null && equalBytes(hash, part.hash) };
  });
  const gaps = gapsBetween(rows, file.sizeBytes);
  const search = await searchGaps(file.handle, gaps, expected, options.format);
  const inPlace = rows
    .filter(({ fits }) => fits)
    .map(({ part, atBytes }) => ({ index: part.index, atBytes }));
  const elsewhere = new Map<number, Placed>();
  const repeated: Placed[] = [];
  const placed = new Set(inPlace.map(({ index }) => index));
  for (const { atBytes, indices } of search.known) {
    const free = indices.find((index) => !placed.has(index));
    if (free === undefined) repeated.push({ index: indices[0] ?? 0, atBytes });
    else {
      placed.add(free);
      elsewhere.set(free, { index: free, atBytes });
    }
  }
  const parts = rows.map(({ part, atBytes, hash, fits }): ComparedPart => {
    if (fits) return { part, state: "authentic", atBytes, hash };
    const found = elsewhere.get(part.index);
    if (found) return { part, state: "moved", atBytes: found.atBytes, hash: part.hash };
    const cutOff = atBytes + part.lengthBytes > file.sizeBytes;
    const gap = gaps.findIndex(({ fromBytes, toBytes }) => atBytes >= fromBytes && atBytes < toBytes);
    // A gap in which only known parts stand has no room for this one.
    const leftOut = gap >= 0 && search.explained[gap] === true;
    return { part, state: cutOff || leftOut ? "missing" : "altered", atBytes, hash };
  });
  // What was changed in its place is told as that part, not as a stranger as well.
  const alteredAt = new Map(
    parts.filter(({ state }) => state === "altered").map(({ atBytes, part }) => [atBytes, part.lengthBytes]),
  );
  const foreign = search.foreign.filter((unit) => alteredAt.get(unit.atBytes) !== unit.lengthBytes);
  const order = [...inPlace, ...elsewhere.values()].sort((a, b) => a.atBytes - b.atBytes);
  const lastAt = order.at(-1)?.atBytes ?? -1;
  return {
    parts,
    repeated,
    foreign,
    reordered: order.some(({ index }, at) => index < (order[at - 1]?.index ?? -1)),
    inserted: [...repeated, ...foreign].some(({ atBytes }) => atBytes < lastAt),
    fileBytes: file.sizeBytes,
    expectedBytes,
  };
}

/** Stretches of the file that no part in its place accounts for. */
function gapsBetween(
  rows: readonly { part: ExpectedPart; atBytes: number; fits: boolean }[],
  fileBytes: number,
): Span[] {
  const gaps: Span[] = [];
  let fromBytes = 0;
  for (const { part, atBytes, fits } of rows) {
    if (!fits) continue;
    if (atBytes > fromBytes) gaps.push({ fromBytes, toBytes: atBytes });
    fromBytes = atBytes + part.lengthBytes;
  }
  if (fileBytes > fromBytes) gaps.push({ fromBytes, toBytes: fileBytes });
  return gaps;
}

interface Search {
  readonly known: readonly { readonly atBytes: number; readonly indices: readonly number[] }[];
  readonly foreign: readonly Unit[];
  /** For each gap, whether nothing but known parts stands in it. */
  readonly explained: readonly boolean[];
}

async function searchGaps(
  handle: FileHandle,
  gaps: readonly Span[],
  expected: readonly ExpectedPart[],
  format: "cmaf" | "file",
): Promise<Search> {
  const byHash = new Map<string, number[]>();
  for (const { index, hash } of expected)
    byHash.set(toHex(hash), [...(byHash.get(toHex(hash)) ?? []), index]);
  const lengths = new Set(expected.map(({ lengthBytes }) => lengthBytes));
  const known: { atBytes: number; indices: readonly number[] }[] = [];
  const foreign: Unit[] = [];
  const explained: boolean[] = [];
  for (const gap of gaps) {
    const found: FoundUnits =
      format === "cmaf"
        ? await findMp4Units(handle, gap)
        : findEqualUnits(gap, Math.max(1, expected[0]?.lengthBytes ?? 1));
    let strangers = 0;
    for (const unit of found.units) {
      // Only what has the length of a part is worth reading.
      const hash = lengths.has(unit.lengthBytes)
        ? await hashRange(handle, unit.atBytes, unit.lengthBytes)
        : null;
      const indices = hash ? byHash.get(toHex(hash)) : undefined;
      if (indices) known.push({ atBytes: unit.atBytes, indices });
      else {
        strangers++;
        foreign.push(unit);
      }
    }
    explained.push(found.whole && strangers === 0);
  }
  return { known, foreign, explained };
}
