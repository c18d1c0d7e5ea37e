// The benches of the repository run, shortened: every one gives sane numbers. How fast they are is not asked here.
import { afterAll, describe, expect, it } from "vitest";
import { findBenches } from "./harness/find-benches.ts";
import { judge } from "./harness/judge.ts";
import { runnable } from "./harness/programs.ts";
import { formatMeasure, textReport } from "./harness/report.ts";
import { runBench } from "./harness/run-bench.ts";
import { removeAllScratch } from "./harness/scratch.ts";
import { quantile, shuffled, spreadOf } from "./harness/statistics.ts";
import { withTables } from "./harness/write-page.ts";

afterAll(removeAllScratch);

describe("the harness", () => {
  it("takes medians and quartiles", () => {
    expect(spreadOf([4, 1, 3, 2, 5])).toEqual({
      median: 3,
      lowerQuartile: 2,
      upperQuartile: 4,
      least: 1,
      most: 5,
    });
    expect(quantile([1, 2], 0.5)).toBe(1.5);
    expect(quantile([], 0.5)).toBeNaN();
    expect(shuffled([1, 2, 3, 4]).toSorted()).toEqual([1, 2, 3, 4]);
    expect(shuffled([1, 2, 3], () => 0)).toEqual([2, 3, 1]);
  });

  it("judges ratios of medians, and worst rounds where that is asked", () => {
    const measured = {
      a: [{ speed: 2 }, { speed: 6 }, { speed: 4 }],
      b: [{ speed: 2 }, { speed: 2 }, { speed: 4 }],
    };
    const ratio = judge({ what: "", contestant: "a", over: "b", measure: "speed", atLeast: 2 }, measured);
    expect(ratio).toMatchObject({ reached: 2, isReached: true, spread: { least: 1, most: 3 } });
    const worst = judge({ what: "", contestant: "a", measure: "speed", atMost: 5, worst: true }, measured);
    expect(worst).toMatchObject({ reached: 6, isReached: false });
    const absent = judge({ what: "", contestant: "c", measure: "speed", atMost: 5 }, measured);
    expect(absent.isReached).toBe(false);
  });

  it("says units, and writes tables between their marks", () => {
    expect(formatMeasure("bytesPerSecond", 123_456_789)).toBe("123 MB/s");
    expect(formatMeasure("loopP99Ms", 1.2345)).toBe("1.23 ms");
    const once = withTables("# Page\n", "one", "first");
    expect(withTables(`${once}\nafter`, "one", "second")).toBe(`${once.replace("first", "second")}\nafter`);
  });
});

describe("the benches, shortened", async () => {
  // A contestant that another bench has already run shows nothing more, and a server takes seconds to start.
  const seen = new Set<string>();
  const benches = runnable(await findBenches()).flatMap((bench) => {
    const contestants = bench.contestants.filter(({ module }) => !seen.has(module.href));
    for (const { module } of contestants) seen.add(module.href);
    const names = new Set(contestants.map(({ name }) => name));
    const aims = bench.aims.filter(
      ({ contestant, over = contestant }) => names.has(contestant) && names.has(over),
    );
    return contestants.length === 0 ? [] : [{ ...bench, contestants, aims }];
  });
  it.each(benches.map((bench) => [bench.name, bench] as const))(
    "%s",
    { timeout: 60_000 },
    async (_name, bench) => {
      const result = await runBench(bench, { rounds: 1, quick: true });
      for (const { name } of bench.contestants) {
        const [row] = result.measured[name] ?? [];
        expect(row?.["wallSeconds"], name).toBeGreaterThan(0);
        expect(row?.["peakMemoryBytes"], name).toBeGreaterThan(1e6);
      }
      for (const judgement of result.judgements)
        expect(judgement.reached, judgement.what).toSatisfy(Number.isFinite);
      expect(textReport(bench, result)).toContain(bench.about);
    },
  );
});
