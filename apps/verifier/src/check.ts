// How a check comes to its verdict: from what it found, never by hand.
import {
  CHECK_TITLES,
  type Check,
  type CheckId,
  FAULT_ORDER,
  type Fault,
  type PartFinding,
} from "./report.ts";

/** Something that does not hold, and what it makes of the whole. */
export interface Finding {
  readonly fault: Fault;
  readonly text: string;
}

export function worstFault(faults: Iterable<Fault | null>): Fault | null {
  const all = new Set(faults);
  return FAULT_ORDER.find((fault) => all.has(fault)) ?? null;
}

/** A finding list reads worst first, so that the sentence shown first is the one that decided. */
function worstFirst(findings: readonly Finding[]): Finding[] {
  return [...findings].sort((a, b) => FAULT_ORDER.indexOf(a.fault) - FAULT_ORDER.indexOf(b.fault));
}

/** `warnings` are told and change no verdict of the whole. */
export function conclude(
  id: CheckId,
  found: {
    readonly findings: readonly Finding[];
    readonly good: string;
    readonly warnings?: readonly string[];
    readonly parts?: readonly PartFinding[];
  },
): Check {
  const { good, warnings = [], parts } = found;
  const [first, ...others] = worstFirst(found.findings);
  const shared = { id, title: CHECK_TITLES[id], ...(parts && parts.length > 0 ? { parts } : {}) };
  if (first) {
    const notes = [...others.map(({ text }) => text), ...warnings];
    return { ...shared, verdict: "fail", detail: first.text, notes, fault: first.fault };
  }
  const verdict = warnings.length > 0 ? "warn" : "pass";
  return { ...shared, verdict, detail: good, notes: warnings, fault: null };
}

/** A check that could not be made. Its `fault` is what that leaves open, so that a removed file never helps. */
export function notChecked(id: CheckId, detail: string, fault: Fault | null): Check {
  return { id, title: CHECK_TITLES[id], verdict: "not-checked", detail, notes: [], fault };
}
