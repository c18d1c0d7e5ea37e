// The report for machines: one JSON object, whose shape `report` numbers.
import type { Report } from "./report.ts";

/** Ends with a newline. Times are ms since 1970 (`…AtMs`) or on the recording's media time (`…Ms`). */
export function renderJson(report: Report): string {
  return `${JSON.stringify({ report: 1, ...report }, null, 2)}\n`;
}
