// The end of the runner: what a job did is recorded before the connections close, nothing is left to fail unheard, and a
// runner that broke begins anew.
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { keepRunning } from "../../src/jobs/keep-running.ts";
import { enqueuePlatform, startJobs } from "../../src/jobs/index.ts";
import { systemClock } from "../../src/platform/clock.ts";
import { withPlatform } from "../../src/platform/database/database.ts";
import { silentLog } from "../../src/platform/log.ts";
import { createMetrics } from "../../src/platform/metrics.ts";
import { startTestDatabase, type TestDatabase } from "./test-database.ts";

let test: TestDatabase;
beforeAll(async () => {
  test = await startTestDatabase();
});
afterAll(() => test.stop());

it("records each job that ended by the time it stops", async () => {
  const unheard: unknown[] = [];
  const hear = (error: unknown): void => void unheard.push(error);
  process.on("unhandledRejection", hear);
  try {
    for (let round = 0; round < 10; round += 1) {
      let begun = 0;
      const jobs = await startJobs({
        ...{ database: test.database, databaseSource: test.source, clock: systemClock, log: silentLog },
        metrics: createMetrics(),
        tasks: [
          {
            name: "until-stop",
            run: (_payload, { signal }) =>
              new Promise((resolve) => {
                begun += 1;
                signal.addEventListener("abort", () => {
                  resolve();
                });
              }),
          },
        ],
      });
      await withPlatform(test.database, async (tx) => {
        for (let job = 0; job < 2; job += 1) await enqueuePlatform(tx, "until-stop");
      });
      await vi.waitFor(() => expect(begun).toBe(2), { timeout: 5_000 });
      await jobs.stop();
      expect(await test.asAdministrator("select * from graphile_worker._private_jobs")).toEqual([]);
    }
    // A connection that is waited for in vain is told of after ten seconds.
    await wait(10_500);
    expect(unheard).toEqual([]);
  } finally {
    process.off("unhandledRejection", hear);
  }
}, 60_000);

it("begins a broken runner anew, also when that fails at first, and never after its stop", async () => {
  const broken = Promise.withResolvers<unknown>();
  let starts = 0;
  const stop = vi.fn(() => Promise.resolve());
  const kept = await keepRunning(
    () => {
      starts += 1;
      if (starts === 1) return Promise.resolve({ promise: broken.promise.then(() => undefined), stop });
      if (starts === 2) return Promise.reject(new Error("the database is away"));
      const ended = Promise.withResolvers<unknown>();
      return Promise.resolve({
        promise: ended.promise.then(() => undefined),
        stop: () => {
          ended.resolve(null);
          return stop();
        },
      });
    },
    // Longer than the pauses between two looks below, or the moment without a runner is missed.
    { log: silentLog, pauseMs: 200 },
  );
  expect(kept.isRunning()).toBe(true);
  broken.reject(new Error("queue is in an inconsistent state"));
  await vi.waitFor(() => expect(kept.isRunning()).toBe(false));
  await vi.waitFor(() => expect(kept.isRunning()).toBe(true));
  expect(starts).toBe(3);
  await kept.stop();
  expect(stop).toHaveBeenCalledTimes(1);
  await wait(500);
  expect(starts).toBe(3);
  expect(kept.isRunning()).toBe(false);
});
