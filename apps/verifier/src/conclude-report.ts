// The one overall verdict, and the sentence that says it to somebody who reads nothing else.
import { worstFault } from "./check.ts";
import type { RangeAssessment } from "./assess-ranges.ts";
import type { Check, Overall, ReportedRecording } from "./report.ts";
import { showMediaTime, showRange } from "./show.ts";

const RANGES_SHOWN = 6;

/** *Intact* only if no check found fault and none that matters was left out. */
export function overallOf(checks: readonly Check[]): Overall {
  return worstFault(checks.map(({ fault }) => fault)) ?? "intact";
}

export function sentenceOf(
  overall: Overall,
  checks: readonly Check[],
  recording: ReportedRecording,
  ranges: RangeAssessment,
): string {
  const because = checks.find(({ fault }) => fault === overall)?.detail ?? "";
  switch (overall) {
    case "intact":
      return `The recording is exactly what the camera recorded and sealed, from the first to the last second.${uncleanly(recording)}`;
    case "altered":
      return ranges.altered.length > 0
        ? `The recording was altered: ${listRanges(ranges)} cannot be relied on.`
        : `The evidence was altered. ${because}`;
    case "untrusted":
      return `The recording cannot be trusted. ${because}`;
    case "incomplete":
      return `${until(ranges)} ${because}`;
    case "unattested":
      return "No camera signed this recording. It is unchanged since the force received it; what it was before, nothing here can show.";
  }
}

function uncleanly({ uncleanStop }: ReportedRecording): string {
  return uncleanStop
    ? ` It ended by an unclean stop: ${uncleanStop.text.charAt(0).toLowerCase()}${uncleanStop.text.slice(1)}`
    : "";
}

function until({ authenticUntilMs }: RangeAssessment): string {
  return authenticUntilMs === null
    ? "The evidence is incomplete, and no second can be shown to be authentic."
    : `The evidence is incomplete: authentic up to ${showMediaTime(authenticUntilMs)}.`;
}

function listRanges({ altered }: RangeAssessment): string {
  const shown = altered.slice(0, RANGES_SHOWN).map(showRange);
  const more = altered.length - shown.length;
  return shown.join(", ") + (more > 0 ? ` and ${more} more ranges` : "");
}
