// Which parts a recording must have, by what the camera and the service signed, and where the two disagree.
import { type JournaledPart, type TimedPart, equalBytes, partFromRow } from "@sworn/custody";
import type { Manifest } from "@sworn/custody";
import type { Finding } from "./check.ts";

export interface ExpectedPart extends TimedPart {
  readonly index: number;
  readonly by: "journal" | "manifest";
  /** The journal entry that names it; null if only the manifest does. */
  readonly sequence: number | null;
}

export interface Expectation {
  readonly parts: readonly ExpectedPart[];
  readonly findings: readonly Finding[];
  /** Indices of which journal and manifest say different things. */
  readonly disputed: readonly number[];
}

/**
 * The camera's word comes first; the manifest fills in where the journal is silent.
 * `journalIsWhole`: the journal names all its parts, so that one more in the manifest was put there.
 */
export function expectParts(
  journaled: readonly JournaledPart[],
  manifest: Manifest | null,
  journalIsWhole: boolean,
): Expectation {
  const rows = (manifest?.parts ?? []).map(partFromRow);
  const byIndex = new Map<number, ExpectedPart>();
  for (const part of journaled) byIndex.set(part.index, { ...part, by: "journal" });
  const findings: Finding[] = [];
  const disputed: number[] = [];
  const added: number[] = [];
  for (const [index, row] of rows.entries()) {
    const own = byIndex.get(index);
    if (!own) {
      byIndex.set(index, { ...row, index, by: "manifest", sequence: null });
      if (journaled.length > 0) added.push(index);
    } else if (!samePart(own, row)) disputed.push(index);
  }
  const dropped = manifest ? journaled.filter(({ index }) => index >= rows.length) : [];
  if (disputed.length > 0) {
    const text = `Journal and manifest say different things of part ${listIndices(disputed)}.`;
    findings.push({ fault: "altered", text });
  }
  if (added.length > 0) {
    const text = `The manifest lists part ${listIndices(added)}, of which the journal says nothing.`;
    findings.push({ fault: journalIsWhole ? "altered" : "incomplete", text });
  }
  if (dropped.length > 0) {
    const indices = dropped.map(({ index }) => index);
    const text = `The journal names part ${listIndices(indices)}, which the manifest does not list.`;
    findings.push({ fault: "altered", text });
  }
  return { parts: [...byIndex.values()].sort((a, b) => a.index - b.index), findings, disputed };
}

function samePart(a: TimedPart, b: TimedPart): boolean {
  return (
    a.lengthBytes === b.lengthBytes &&
    a.storedBytes === b.storedBytes &&
    a.startMs === b.startMs &&
    a.durationMs === b.durationMs &&
    equalBytes(a.hash, b.hash) &&
    equalBytes(a.storedHash, b.storedHash)
  );
}

/** `3, 5–9 and 4 more`. */
export function listIndices(indices: readonly number[]): string {
  const runs: { from: number; to: number }[] = [];
  for (const index of indices) {
    const last = runs.at(-1);
    if (last?.to === index - 1) last.to = index;
    else runs.push({ from: index, to: index });
  }
  const shown = runs.slice(0, 8).map(({ from, to }) => (from === to ? `${from}` : `${from}–${to}`));
  const more = runs.slice(8).reduce((count, { from, to }) => count + to - from + 1, 0);
  return shown.join(", ") + (more > 0 ? ` and ${more} more` : "");
}
