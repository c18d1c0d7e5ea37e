// From the versions of a class to the rule of each recording. Guarantees: what exists when a version comes keeps the longer
// of both periods, unless the version says that it holds for what was received before a time. Pure.

export interface ClassVersion {
  readonly version: number;
  /** Null: no clock, which is longer than any period. */
  readonly periodDays: number | null;
  readonly reviewDays: number | null;
  readonly citation: string;
  readonly effectiveAtMs: number;
  /** It replaces the rule of what was received before this; null: it shortens nothing that exists. */
  readonly existingBeforeMs: number | null;
}

/** The rule of what was received from (including) until (not including). */
export interface RuleInterval {
  readonly receivedFromMs: number;
  readonly receivedUntilMs: number;
  readonly rule: ClassVersion;
}

/** The first and last instants that a rule can speak of: 1970 to 9999. */
const beginningMs = 0;
export const endMs = 253_402_300_799_000;

const length = (version: ClassVersion): number => version.periodDays ?? Number.POSITIVE_INFINITY;

/** The version whose period counts for a recording received then; undefined where no version is. */
export function ruleAt(versions: readonly ClassVersion[], receivedAtMs: number): ClassVersion | undefined {
  const ordered = [...versions].sort((a, b) => a.version - b.version);
  const first = ordered.findLastIndex((version) => version.effectiveAtMs <= receivedAtMs);
  // What came before there was a class is judged by its first version.
  let rule = ordered[Math.max(first, 0)];
  for (const later of ordered.slice(Math.max(first, 0) + 1)) {
    const replaces = later.existingBeforeMs !== null && receivedAtMs < later.existingBeforeMs;
    if (rule === undefined || replaces || length(later) > length(rule)) rule = later;
  }
  return rule;
}

/** The same for all times at once: contiguous intervals from `beginningMs` to `endMs`. */
export function deriveRules(versions: readonly ClassVersion[]): RuleInterval[] {
  const cuts = new Set([beginningMs]);
  for (const { effectiveAtMs, existingBeforeMs } of versions) {
    cuts.add(effectiveAtMs);
    if (existingBeforeMs !== null) cuts.add(existingBeforeMs);
  }
  const ordered = [...cuts].filter((cut) => cut >= beginningMs && cut < endMs).sort((a, b) => a - b);
  const intervals: RuleInterval[] = [];
  for (const [index, from] of ordered.entries()) {
    const rule = ruleAt(versions, from);
    const until = ordered[index + 1] ?? endMs;
    const before = intervals.at(-1);
    if (rule === undefined) continue;
    if (before?.rule.version === rule.version) {
      intervals[intervals.length - 1] = { ...before, receivedUntilMs: until };
    } else intervals.push({ receivedFromMs: from, receivedUntilMs: until, rule });
  }
  return intervals;
}
