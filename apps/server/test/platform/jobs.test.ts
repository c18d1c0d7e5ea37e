// Jobs: queued with the transaction or not at all, run after a crash, scheduled by the server's clock.
import { randomUUID } from "node:crypto";
import type { ForceId, PersonId } from "@sworn/contract";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  enqueue,
  enqueuePlatform,
  lastDueMs,
  listRuns,
  startJobs,
  type Jobs,
  type Task,
} from "../../src/jobs/index.ts";
import { movableClock, type MovableClock } from "../../src/platform/clock.ts";
import { withForce, withPlatform, type Actor } from "../../src/platform/database/database.ts";
import { silentLog } from "../../src/platform/log.ts";
import { createMetrics } from "../../src/platform/metrics.ts";
import { startTestDatabase, type TestDatabase } from "./test-database.ts";

const noon = Date.UTC(2026, 0, 15, 12);
const dayMs = 86_400_000;
const actor: Actor = { forceId: randomUUID() as ForceId, personId: randomUUID() as PersonId };

let test: TestDatabase;
let clock: MovableClock;
let jobs: Jobs | undefined;

async function start(...tasks: Task[]): Promise<Jobs> {
  const { database, source } = test;
  jobs = await startJobs({
    database,
    databaseSource: source,
    clock,
    log: silentLog,
    metrics: createMetrics(),
    tasks,
  });
  return jobs;
}

beforeEach(async () => {
  test = await startTestDatabase();
  clock = movableClock(noon, { frozen: true });
  await test.asAdministrator("insert into sworn.force values ($1, default, 'Met', 'met', now())", [
    actor.forceId,
  ]);
});
afterEach(async () => {
  await jobs?.stop();
  jobs = undefined;
  await test.stop();
});

describe("queued jobs", () => {
  it("run once their transaction commits, as the force and person that queued them", async () => {
    const seen: unknown[] = [];
    await start({
      name: "note",
      run: (payload, context) => {
        seen.push([payload, context.forceId, context.personId]);
        return Promise.resolve();
      },
    });
    const other = randomUUID();
    await expect(
      withForce(test.database, actor, async (tx) => {
        await enqueue(tx, "note", { text: "never" });
        throw new Error("rolled back");
      }),
    ).rejects.toThrow("rolled back");
    await withForce(test.database, actor, (tx) => enqueue(tx, "note", { text: "kept", forceId: other }));
    await vi.waitFor(() => expect(seen).toHaveLength(1), { timeout: 5_000 });
    expect(seen[0]).toEqual([{ text: "kept", ...actor }, actor.forceId, actor.personId]);
    await vi.waitFor(async () => {
      const runs = await withForce(test.database, actor, (tx) => listRuns(tx, 10));
      expect(runs).toMatchObject([{ task: "note", outcome: "done", started_by: "queue", attempt: 1 }]);
    });
    const stranger = { forceId: other as ForceId, personId: null };
    expect(await withForce(test.database, stranger, (tx) => listRuns(tx, 10))).toEqual([]);
  });

  it("are tried again after a failure, which is recorded by its code and not its words", async () => {
    let tries = 0;
    await start({
      name: "flaky",
      run: () => {
        tries += 1;
        if (tries > 1) return Promise.resolve();
        return Promise.reject(Object.assign(new Error("P. Constable's footage"), { code: "disk-full" }));
      },
    });
    await withForce(test.database, actor, (tx) => enqueue(tx, "flaky"));
    await vi.waitFor(() => expect(tries).toBe(2), { timeout: 15_000 });
    const runs = await withForce(test.database, actor, (tx) => listRuns(tx, 10));
    expect(runs.at(-1)).toMatchObject({ outcome: "failed", error_code: "disk-full" });
    const kept = await test.asAdministrator("select r::text as row from sworn.job_run r");
    const queue = await test.asAdministrator("select last_error from graphile_worker._private_jobs");
    expect(JSON.stringify([kept, queue])).not.toContain("Constable");
  });

  it("that a runner held when it died run again at the next start, and its run is marked abandoned", async () => {
    await withPlatform(test.database, (tx) => enqueuePlatform(tx, "held"));
    await test.asAdministrator(
      "update graphile_worker._private_jobs set locked_at = now(), locked_by = 'worker-that-died', attempts = 1",
    );
    await test.asAdministrator(
      "insert into sworn.job_run values ($1, null, 'held', 'queue', 1, now(), null, 'running', null)",
      [randomUUID()],
    );
    const attempts: number[] = [];
    await start({
      name: "held",
      run: (_payload, context) => {
        attempts.push(context.attempt);
        return Promise.resolve();
      },
    });
    await vi.waitFor(() => expect(attempts).toEqual([2]), { timeout: 5_000 });
    const rows = await test.asAdministrator("select outcome from sworn.job_run order by outcome");
    expect(rows[0]).toEqual({ outcome: "abandoned" });
  });

  it("cannot be queued by a force's role without a force, nor by it for the platform", async () => {
    const { Client } = await import("pg");
    const client = new Client(test.source.server);
    await client.connect();
    await client.query("set role sworn_app");
    await expect(client.query("select sworn.enqueue_job('x', '{}', null, null)")).rejects.toThrow(/no force/);
    await expect(client.query("select sworn.enqueue_platform_job('x', '{}', null, null)")).rejects.toThrow(
      /denied/,
    );
    await expect(client.query("select * from graphile_worker._private_jobs")).rejects.toThrow(/denied/);
    await client.end();
  });
});

describe("scheduled tasks", () => {
  it("fall due by the server's clock: once a day, once for many missed days, never twice", async () => {
    const runs: unknown[] = [];
    const runner = await start({
      name: "daily-plan",
      daily: { hour: 3, minute: 15 },
      run: (payload) => {
        runs.push(payload);
        return Promise.resolve();
      },
    });
    await runner.queueDue();
    expect(runs).toEqual([]);
    clock.advanceMs(dayMs);
    await vi.waitFor(() => expect(runs).toHaveLength(1), { timeout: 5_000 });
    clock.advanceMs(31 * dayMs);
    await Promise.all([runner.queueDue(), runner.queueDue()]);
    await vi.waitFor(() => expect(runs).toHaveLength(2), { timeout: 5_000 });
    expect(runs).toEqual([{ due: "2026-01-16T03:15:00.000Z" }, { due: "2026-02-16T03:15:00.000Z" }]);
    const rows = await test.asAdministrator("select started_by from sworn.job_run where task = 'daily-plan'");
    expect(rows).toEqual([{ started_by: "schedule" }, { started_by: "schedule" }]);
  });

  it("run by hand too, with their outcome", async () => {
    const runner = await start(
      { name: "good", run: () => Promise.resolve() },
      { name: "bad", run: () => Promise.reject(new Error("x")) },
    );
    expect(await runner.runNow("good")).toEqual({ outcome: "done" });
    expect(await runner.runNow("bad")).toMatchObject({ outcome: "failed", errorCode: "fault" });
    await expect(runner.runNow("unknown")).rejects.toThrow(/no task/);
  });

  it("know the last due instant on either side of it", () => {
    const due = Date.UTC(2026, 0, 15, 3, 15);
    for (const [nowMs, expected] of [
      [due, due],
      [due - 1, due - dayMs],
      [due + dayMs - 1, due],
      [0, Date.UTC(1969, 11, 31, 3, 15)],
    ] as const) {
      expect(lastDueMs({ hour: 3, minute: 15 }, nowMs)).toBe(expected);
    }
  });
});
