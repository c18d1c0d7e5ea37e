import { describe, expect, it } from "vitest";
import { add, countVitest, parseReport, summarise, type VitestReport } from "./test-report.ts";

const report = (changes: Partial<VitestReport> = {}): VitestReport => ({
  success: true,
  numPassedTests: 3,
  numFailedTests: 0,
  numPendingTests: 0,
  numTodoTests: 0,
  testResults: [{ name: "a.test.ts", status: "passed", message: "", assertionResults: [1, 2, 3] }],
  ...changes,
});

describe("counting a run of Vitest", () => {
  it("takes its numbers when all is well", () => {
    expect(countVitest(report({ numPendingTests: 1, numTodoTests: 1 }), 0)).toEqual({
      passed: 3,
      failed: 0,
      skipped: 2,
    });
    expect(countVitest(report({ success: false, numFailedTests: 2 }), 1)).toEqual({
      passed: 3,
      failed: 2,
      skipped: 0,
    });
  });

  it("counts a file that could not be loaded", () => {
    const unloaded = { name: "b.test.ts", status: "failed", message: "no such module", assertionResults: [] };
    const broken = report({ success: false, testResults: [unloaded] });
    expect(countVitest(broken, 1)).toEqual({ passed: 3, failed: 1, skipped: 0 });
  });

  it("fails a run with an error outside a test", () => {
    expect(countVitest(report(), 1).failed).toBe(1);
    expect(countVitest(report({ success: false }), 0).failed).toBe(1);
    expect(countVitest(report(), null).failed).toBe(1);
  });

  it("fails a run without a report, or in which nothing ran", () => {
    expect(countVitest(null, 0)).toEqual({ passed: 0, failed: 1, skipped: 0 });
    expect(countVitest(report({ numPassedTests: 0, testResults: [] }), 0).failed).toBe(1);
    expect(countVitest(report({ numPassedTests: 0, numPendingTests: 5 }), 0).failed).toBe(1);
  });
});

describe("reading the report", () => {
  it("refuses what is not a whole one", () => {
    expect(parseReport(null)).toBeNull();
    expect(parseReport('{ "success": tr')).toBeNull();
    expect(parseReport("null")).toBeNull();
    expect(parseReport('{ "success": true }')).toBeNull();
    expect(parseReport(JSON.stringify(report()))).toEqual(report());
  });
});

describe("the last line", () => {
  it("has its exact form", () => {
    expect(summarise({ passed: 12, failed: 0, skipped: 0 })).toBe("12 passed, 0 failed");
    expect(summarise({ passed: 1, failed: 2, skipped: 3 })).toBe("1 passed, 2 failed, 3 skipped");
    expect(add({ passed: 1, failed: 2, skipped: 3 }, { passed: 10, failed: 20, skipped: 30 })).toEqual({
      passed: 11,
      failed: 22,
      skipped: 33,
    });
  });
});
