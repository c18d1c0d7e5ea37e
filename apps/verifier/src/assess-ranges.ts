// Which seconds are altered, which lack, and up to which second all is authentic.
import { MediaError, type PartDescription, alteredRanges, buildFragmentIndex } from "@sworn/media";
import { isBad } from "./check-parts.ts";
import type { Comparison } from "./compare-parts.ts";
import type { Expectation, ExpectedPart } from "./expected-parts.ts";
import type { MediaRange } from "./report.ts";

export interface RangeAssessment {
  readonly altered: readonly MediaRange[];
  readonly missing: readonly MediaRange[];
  /** Null if not even the first part is authentic. */
  readonly authenticUntilMs: number | null;
}

export function assessRanges(
  comparison: Comparison | null,
  expectation: Expectation,
  word: {
    /** Whether a camera must have named each part. */
    readonly attested: boolean;
    /** From this journal entry on the camera's word is broken; null if it holds to the end. */
    readonly brokenAt: number | null;
  },
): RangeAssessment {
  if (!comparison) return { altered: [], missing: [], authenticUntilMs: null };
  const { parts } = expectation;
  const bad = comparison.parts.filter(({ state }) => isBad(state, comparison));
  const missing = bad.filter(({ state }) => state === "missing").map(({ part }) => part.index);
  const altered = bad.filter(({ state }) => state !== "missing").map(({ part }) => part.index);
  const intruders = comparison.inserted ? [...comparison.foreign, ...comparison.repeated] : [];
  const intrudedAt = Math.min(Infinity, ...intruders.map(({ atBytes }) => atBytes));
  const firstBad = comparison.parts.find(
    ({ part, state, atBytes }) =>
      isBad(state, comparison) ||
      atBytes >= intrudedAt ||
      expectation.disputed.includes(part.index) ||
      (word.attested && part.sequence === null) ||
      (word.brokenAt !== null && part.sequence !== null && part.sequence >= word.brokenAt),
  );
  const hole = parts.find(({ index }, at) => index !== at);
  return {
    altered: rangesOf(parts, [...new Set([...altered, ...expectation.disputed])]),
    missing: rangesOf(parts, missing),
    authenticUntilMs: endBefore(parts, Math.min(firstBad?.part.index ?? Infinity, hole?.index ?? Infinity)),
  };
}

/** The end of the last part before `index`; null if that leaves no fragment. */
function endBefore(parts: readonly ExpectedPart[], index: number): number | null {
  const before = parts.filter((part) => part.index < index);
  const last = before.at(-1);
  return last && (last.index > 0 || last.durationMs > 0) ? last.startMs + last.durationMs : null;
}

function rangesOf(parts: readonly ExpectedPart[], indices: readonly number[]): MediaRange[] {
  if (indices.length === 0) return [];
  const chosen = parts.filter(({ index }) => indices.includes(index));
  const within = (fromMs: number, toMs: number): number[] => {
    const whole = chosen.some(({ index, durationMs }) => index === 0 && durationMs === 0);
    return chosen
      .filter(
        ({ startMs, index, durationMs }) =>
          (whole && index === 0 && durationMs === 0) || (startMs >= fromMs && startMs < toMs),
      )
      .map(({ index }) => index);
  };
  const timed =
    mediaRanges(parts, indices) ?? chosen.map(ownRange).filter(({ toMs, fromMs }) => toMs > fromMs);
  return timed.map(({ fromMs, toMs }) => ({ fromMs, toMs, parts: within(fromMs, toMs) }));
}

function ownRange({ startMs, durationMs }: ExpectedPart): { fromMs: number; toMs: number } {
  return { fromMs: startMs, toMs: startMs + durationMs };
}

/** By the index of the recording; null if its parts do not make one, which a hostile manifest can bring about. */
function mediaRanges(
  parts: readonly ExpectedPart[],
  indices: readonly number[],
): readonly { fromMs: number; toMs: number }[] | null {
  const first = parts[0];
  if (first?.index !== 0 || first.durationMs > 0 || parts.some(({ index }, at) => index !== at)) return null;
  const descriptions = parts.map(({ index, lengthBytes, startMs, durationMs }): PartDescription =>
    index === 0 ? { kind: "init", lengthBytes } : { kind: "fragment", lengthBytes, startMs, durationMs },
  );
  try {
    return alteredRanges(buildFragmentIndex(descriptions), indices);
  } catch (error) {
    if (!(error instanceof MediaError)) throw error;
    return null;
  }
}
