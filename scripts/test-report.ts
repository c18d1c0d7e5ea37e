// Turns what a test runner wrote into counts. Guarantees that a run which crashed, ran nothing or had an
// error outside a test never counts as passed.

export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/** The part of Vitest's JSON report that is counted. */
export interface VitestReport {
  success: boolean;
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
  testResults: { name: string; status: string; message: string; assertionResults: unknown[] }[];
}

function isReport(value: unknown): value is VitestReport {
  if (typeof value !== "object" || value === null) return false;
  const report = value as Partial<Record<keyof VitestReport, unknown>>;
  const counts = [report.numPassedTests, report.numFailedTests, report.numPendingTests, report.numTodoTests];
  return (
    counts.every((count) => Number.isSafeInteger(count)) &&
    typeof report.success === "boolean" &&
    Array.isArray(report.testResults)
  );
}

/** Reads the report; null when it is not one (Vitest crashed before it wrote it, or half-way). */
export function parseReport(text: string | null): VitestReport | null {
  if (text === null) return null;
  try {
    const value: unknown = JSON.parse(text);
    return isReport(value) ? value : null;
  } catch {
    return null;
  }
}

/**
 * Counts a run of Vitest. A file that could not be loaded counts as one failed test; so does a run that failed
 * for a reason no test shows (an unhandled error, a crash, no report), or in which no test ran at all.
 */
export function countVitest(report: VitestReport | null, exitCode: number | null): Counts {
  if (report === null) return { passed: 0, failed: 1, skipped: 0 };
  const unloaded = report.testResults.filter(
    ({ status, assertionResults }) => status === "failed" && assertionResults.length === 0,
  ).length;
  const counts = {
    passed: report.numPassedTests,
    failed: report.numFailedTests + unloaded,
    skipped: report.numPendingTests + report.numTodoTests,
  };
  const ranNothing = counts.passed + counts.failed === 0;
  const failedElsewhere = counts.failed === 0 && (exitCode !== 0 || !report.success);
  return ranNothing || failedElsewhere ? { ...counts, failed: counts.failed + 1 } : counts;
}

export function add(a: Counts, b: Counts): Counts {
  return { passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped };
}

/** The last line of every test run: `12 passed, 0 failed`, and `, 3 skipped` when some were. */
export function summarise({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}
