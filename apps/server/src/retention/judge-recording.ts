// The one judgement of whether a recording may be destroyed, asked by the plan, by "when?" and, under the locks, by the
// order itself. Pure: a hold is looked at before any clock, and what is not certain is kept.
import type { ClassVersion } from "./derive-rules.ts";
import { dayMs, type RetentionSettings } from "./settings.ts";

export interface RecordingFacts {
  readonly class: string | null;
  readonly clock: "dock" | "bounded" | "unbounded" | "stated" | "decided" | null;
  readonly recordedEndAtMs: number | null;
  readonly receivedAtMs: number | null;
  readonly warnedAtMs: number | null;
}

export type Judgement =
  /** `destroyAtMs`: when it would be due without the hold; null where no clock runs. */
  | { readonly standing: "held"; readonly destroyAtMs: number | null }
  | { readonly standing: "waits-for-person"; readonly reason: "uncertain-clock" | "unknown-class" }
  | { readonly standing: "kept-until-released"; readonly rule: ClassVersion }
  /** Unclassified: nobody was warned yet. It can be destroyed at the earliest then. */
  | { readonly standing: "to-be-warned"; readonly rule: ClassVersion; readonly destroyAtMs: number }
  | {
      readonly standing: "not-due" | "warned" | "due";
      readonly rule: ClassVersion;
      readonly destroyAtMs: number;
    };

/** Whether there is a time to count from. Without bounds there is none, and a person decides. */
function isCertain(facts: RecordingFacts): boolean {
  return (
    facts.recordedEndAtMs !== null &&
    facts.receivedAtMs !== null &&
    facts.clock !== null &&
    facts.clock !== "unbounded"
  );
}

/**
 * When the clock alone runs out: the period from the end, and never soon after its arrival. Between two docks the end
 * is an estimate, so the period counts from the arrival, which cannot be before it.
 */
function clockRunsOutMs(
  facts: RecordingFacts,
  rule: ClassVersion,
  settings: RetentionSettings,
): number | null {
  if (rule.periodDays === null || facts.recordedEndAtMs === null || facts.receivedAtMs === null) return null;
  const endedAtMs =
    facts.clock === "bounded" ? Math.max(facts.recordedEndAtMs, facts.receivedAtMs) : facts.recordedEndAtMs;
  return Math.max(endedAtMs + rule.periodDays * dayMs, facts.receivedAtMs + settings.arrivalDays * dayMs);
}

export function judgeRecording(
  facts: RecordingFacts,
  rule: ClassVersion | undefined,
  holds: number,
  given: { readonly settings: RetentionSettings; readonly nowMs: number },
): Judgement {
  const { settings, nowMs } = given;
  const runsOutMs = rule && isCertain(facts) ? clockRunsOutMs(facts, rule, settings) : null;
  if (holds > 0) return { standing: "held", destroyAtMs: runsOutMs };
  if (!isCertain(facts)) return { standing: "waits-for-person", reason: "uncertain-clock" };
  if (rule === undefined) return { standing: "waits-for-person", reason: "unknown-class" };
  if (runsOutMs === null) return { standing: "kept-until-released", rule };
  if (facts.class !== null) {
    return { standing: runsOutMs <= nowMs ? "due" : "not-due", rule, destroyAtMs: runsOutMs };
  }
  const warningMs = settings.warningDays * dayMs;
  if (facts.warnedAtMs === null) {
    const destroyAtMs = Math.max(runsOutMs, nowMs + warningMs);
    return { standing: runsOutMs - warningMs <= nowMs ? "to-be-warned" : "not-due", rule, destroyAtMs };
  }
  const destroyAtMs = Math.max(runsOutMs, facts.warnedAtMs + warningMs);
  return { standing: destroyAtMs <= nowMs ? "due" : "warned", rule, destroyAtMs };
}
