// Log, metrics and clock: one line a call, no secrets, numbers that Prometheus can read, time that can be moved.
import { describe, expect, it } from "vitest";
import { movableClock } from "../../src/platform/clock.ts";
import { createLog } from "../../src/platform/log.ts";
import { createMetrics } from "../../src/platform/metrics.ts";
import { PlatformError } from "../../src/platform/platform-error.ts";

describe("the log", () => {
  const lines: string[] = [];
  const clock = movableClock(Date.UTC(2026, 0, 1), { frozen: true });
  const log = createLog({ level: "info", clock, write: (line) => lines.push(line) });
  const last = (): Record<string, unknown> => JSON.parse(lines.at(-1) ?? "") as Record<string, unknown>;

  it("writes one JSON line with time, level, message and fields", () => {
    log.child({ part: "a" }).info("started\nreally", { n: 1, big: 5n, at: new Date(NaN) });
    expect(last()).toEqual({
      time: "2026-01-01T00:00:00.000Z",
      level: "info",
      message: "started\nreally",
      part: "a",
      n: 1,
      big: "5",
      at: "[invalid date]",
    });
    expect(lines.at(-1)?.indexOf("\n")).toBe((lines.at(-1)?.length ?? 0) - 1);
    const before = lines.length;
    log.debug("not at this level");
    expect(lines.length).toBe(before);
  });

  it("hides secrets by name and by shape, also inside errors and their causes", () => {
    const cause = new Error("Bearer abc.def failed for postgres://u:hunter2@h/d and swk_abcdefgh");
    log.error("x", {
      headers: { authorization: "Bearer q", Cookie: "s=1" },
      error: new PlatformError("postgres-failed", "outer", cause),
      bytes: new Uint8Array(3),
    });
    expect(lines.at(-1)).not.toMatch(/abc\.def|hunter2|swk_a|Bearer q|s=1/);
    expect(last()).toMatchObject({
      bytes: "[3 bytes]",
      error: { code: "postgres-failed", message: "outer" },
    });
  });

  it("survives values that refer to themselves", () => {
    const loop: Record<string, unknown> = {};
    loop["self"] = loop;
    expect(() => {
      log.warn("loop", { loop });
    }).not.toThrow();
  });
});

describe("metrics", () => {
  it("render as Prometheus text, with labels escaped and cumulative buckets", () => {
    const metrics = createMetrics();
    metrics.counter("a_total", "Things.").add({ kind: 'q"\n' }, 2);
    const seconds = metrics.histogram("b_seconds", "Time.", [1, 5]);
    for (const value of [0.5, 3, 9]) seconds.observe(value, { route: "/x" });
    metrics.gaugeFrom("c", "Now.", () => 7);
    expect(metrics.render()).toBe(
      [
        "# HELP a_total Things.",
        "# TYPE a_total counter",
        'a_total{kind="q\\"\\n"} 2',
        "# HELP b_seconds Time.",
        "# TYPE b_seconds histogram",
        'b_seconds_bucket{le="1",route="/x"} 1',
        'b_seconds_bucket{le="5",route="/x"} 2',
        'b_seconds_bucket{le="+Inf",route="/x"} 3',
        'b_seconds_sum{route="/x"} 12.5',
        'b_seconds_count{route="/x"} 3',
        "# HELP c Now.",
        "# TYPE c gauge",
        "c 7",
        "",
      ].join("\n"),
    );
    expect(() => metrics.counter("c", "Again.")).toThrow();
  });

  it("do not grow without bound", () => {
    const metrics = createMetrics();
    const counter = metrics.counter("d_total", "Things.");
    for (let n = 0; n < 5000; n += 1) counter.add({ n: n.toString() });
    expect(metrics.render().split("\n").length).toBeLessThan(1100);
  });
});

describe("a movable clock", () => {
  it("stands or runs, moves both ways, and tells who listens", () => {
    const clock = movableClock(1_000, { frozen: true });
    let told = 0;
    const stop = clock.onMoved(() => (told += 1));
    clock.advanceMs(500);
    expect(clock.nowMs()).toBe(1_500);
    clock.setMs(10);
    expect([clock.nowMs(), told]).toEqual([10, 2]);
    stop();
    clock.advanceMs(1);
    expect(told).toBe(2);
    const running = movableClock(1_000);
    expect(running.nowMs()).toBeGreaterThanOrEqual(1_000);
    expect(running.nowMs()).toBeLessThan(60_000);
  });
});
