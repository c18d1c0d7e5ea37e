// Yesterday's database, or none, beside today's data folder: the server refuses, `sworn recover` brings back every row to
// the last bit, the log goes on where it was, and what was destroyed stays destroyed.
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { RecordingId } from "@sworn/contract";
import { formatId } from "@sworn/custody";
import { type RunningServer, movableClock, readConfiguration, silentLog, startServer } from "@sworn/server";
import { type Testbed, type TestbedCamera, addColleague, startTestbed } from "@sworn/testbed";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CommandLine, commandLine } from "./command-line.ts";
import { type RowDatabase, startRowDatabase } from "./recovered-rows.ts";

const dayMs = 86_400_000;
// So far in the past that the checks, which run by the machine's clock, find nothing of days to come.
const clock = movableClock(Date.now() - 40 * dayMs);

let folder: string;
let data: string;
let database: RowDatabase;
let testbed: Testbed;
let command: CommandLine;
let forceId: string;
let before: Record<string, string[]>;
let gone: RecordingId;

const filming = {
  source: { kind: "scene" as const, seed: "recover" },
  ...{ width: 160, height: 120, fps: 5, bitrateKbps: 100, pace: "as-fast" as const },
};

async function film(camera: TestbedCamera): Promise<RecordingId> {
  await camera.switchOn();
  const sealed = await camera.record({
    filming,
    durationMs: 2_000,
    prerecordMs: 0,
    stop: { reason: "incident-over" },
  });
  return formatId(sealed.id) as RecordingId;
}

const configuration = () => readConfiguration({}, { port: 0, dataFolder: data, databaseUrl: database.url });
const start = (): Promise<RunningServer> =>
  startServer(configuration(), { clock, log: silentLog, purpose: "test" });
/** Stops a server whose queue is empty: what this test is about begins afterwards. */
async function stopQuiet(server: RunningServer): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const [row] = await database.query(
      "select count(*)::int as waiting from graphile_worker.jobs where run_at <= now()",
    );
    if (row?.["waiting"] === 0) break;
    await wait(100);
  }
  await server.stop();
}
const checkpoint = (): string => readFileSync(join(data, "ledger", forceId, "checkpoint"), "utf8");
const recover = (...words: string[]) => command.sworn("recover", "--data", data, "--json", ...words);

interface Report {
  isDryRun: boolean;
  isWhole: boolean;
  forces: {
    forceId: string;
    outcome: string;
    entries: number;
    rows: Record<string, number>;
    problems: string[];
  }[];
}

async function expectAsBefore(): Promise<void> {
  const now = await database.rows();
  for (const [table, rows] of Object.entries(before)) expect(now[table], table).toEqual(rows);
  const checked = await command.sworn("fsck", "--data", data, "--level", "4", "--json");
  const wrong = checked.json<{ problems: { severity: string; message: string }[] }>().problems;
  expect(wrong.filter(({ severity }) => severity !== "notice")).toEqual([]);
  expect(checked.exitCode).toBe(0);
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "sworn-recover-"));
  data = join(folder, "data");
  database = await startRowDatabase();
  command = commandLine({ DATABASE_URL: database.url });
  const boroughs = [{ name: "Camden", cameras: 2 }];
  testbed = await startTestbed({
    ...{ folder: data, purpose: "test", clock, configuration: { databaseUrl: database.url } },
    forces: [{ name: "Test Force", slug: "test", prefix: "TST", administrator: "A. Jones", boroughs }],
  });
  const [force] = testbed.forces;
  const [first, second] = force?.cameras ?? [];
  if (!force || !first || !second) throw new Error("the testbed has no cameras");
  forceId = force.force.id;
  gone = await film(first);
  await force.dock([first]);
  const old = await film(second);
  await force.dock([second]);

  // Yesterday's backup: a database that nobody writes to.
  await testbed.stop();
  await database.save("yesterday");

  const again = await start();
  try {
    const api = {
      ...force,
      staff: (await import("@sworn/client")).staffClient({ server: again.url, apiKey: force.apiKey }),
    };
    const colleague = await addColleague(api, { name: "B. Smith", administrator: true });
    await api.staff.addBorough({ name: "Brent", slug: "brent" });
    const hold = await api.staff.placeHold({
      ...{ kind: "evidence", reason: "R v Smith", scope: { kind: "recording", recordingId: old } },
      reviewAt: new Date(clock.nowMs() + 90 * dayMs).toISOString(),
    });
    const other = await api.staff.placeHold({
      ...{ kind: "scrutiny", reason: "panel", scope: { kind: "incident", incident: "CAD 77" } },
      reviewAt: new Date(clock.nowMs() + 9 * dayMs).toISOString(),
    });
    expect(hold.hold.id).not.toBe(other.hold.id);
    await api.staff.releaseHold(other.hold.id, "the panel met");
    await api.staff.classify(old, { class: "evidential", incident: "CAD 12/3" });
    const change = await api.staff.proposeRetentionChange({
      ...{ class: "training", title: "Training", periodDays: 14, reviewDays: null },
      ...{ citation: "Force policy 7", reason: "kept too long", applyToExisting: false },
    });
    await colleague.confirmRetentionChange(change.id);
    await api.staff.classify(gone, { class: "non-evidential", incident: null });
    clock.advanceMs(33 * dayMs);
    await again.jobs.runNow("retention-run");
    expect((await api.staff.getRecording(gone)).state).toBe("destroyed");
  } finally {
    await stopQuiet(again);
  }
  before = await database.rows();
}, 180_000);

afterAll(async () => {
  await database.stop();
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

describe("a database that is behind", { timeout: 120_000 }, () => {
  it("of yesterday is refused, and nothing is written to it or to the log", async () => {
    await database.restore("yesterday");
    const published = checkpoint();
    await expect(start()).rejects.toMatchObject({ code: "ledger-behind", message: /sworn recover/ });
    expect(checkpoint()).toBe(published);
  });

  it("says in a dry run what is missing, and changes nothing", async () => {
    const rows = await database.rows();
    const answered = await recover("--dry-run");
    expect(answered.stderr).toBe("");
    const [force] = answered.json<Report>().forces;
    expect(force).toMatchObject({ forceId, outcome: "rebuilt", problems: [] });
    expect(force?.entries).toBeGreaterThan(5);
    expect(await database.rows()).toEqual(rows);
  });

  it("is brought back whole: every row, to the last bit", async () => {
    const answered = await recover();
    expect(answered.stderr).toBe("");
    expect(answered.json<Report>()).toMatchObject({ isWhole: true, isDryRun: false });
    expect(answered.exitCode).toBe(0);
    await expectAsBefore();
  });

  it("finds nothing to do a second time", async () => {
    const answered = await recover();
    expect(answered.json<Report>().forces).toMatchObject([{ outcome: "level", entries: 0, rows: {} }]);
  });

  it("then goes on: the log grows without a fork, and what was destroyed is not there", async () => {
    const size = (note: string): number => Number(note.split("\n")[1]);
    const published = size(checkpoint());
    const server = await start();
    try {
      const head = await server.ledger.publishNow(forceId as never);
      expect(head.size).toBeGreaterThanOrEqual(published);
      await server.jobs.runNow("retention-run");
    } finally {
      await stopQuiet(server);
    }
    expect(size(checkpoint())).toBeGreaterThan(published);
    const media = join(data, "objects");
    expect(statSync(media).isDirectory()).toBe(true);
    const answered = await command.sworn("fsck", "--data", data, "--level", "4", "--json");
    expect(answered.exitCode, answered.stdout.slice(0, 2_000)).toBe(0);
    before = await database.rows();
  });
});

describe("a database that was lost", { timeout: 120_000 }, () => {
  it("is not taken for a new one", async () => {
    await database.restore(null);
    await expect(start()).rejects.toMatchObject({ code: "ledger-behind" });
  });

  it("is rebuilt from the folder alone, also when the recovery is killed on the way", async () => {
    await database.restore(null);
    for (const afterMs of [1_200, 2_000, 2_800]) {
      const child = command.start("recover", "--data", data);
      const ended = new Promise((resolve) => child.once("close", resolve));
      await wait(afterMs);
      child.kill("SIGKILL");
      await ended;
    }
    const answered = await recover();
    expect(answered.stderr).toBe("");
    // On a fast machine the last of those killed may have been through already.
    expect(answered.json<Report>()).toMatchObject({ isWhole: true });
    expect(answered.exitCode).toBe(0);
    await expectAsBefore();
    await stopQuiet(await start());
  });
});

describe("a backup that is restored elsewhere", { timeout: 120_000 }, () => {
  it("has the same rows, and no key of what was destroyed", async () => {
    const [key, to, restored] = ["backup.key", "backup", "restored"].map((name) => join(folder, name));
    if (key === undefined || to === undefined || restored === undefined) throw new Error("no paths");
    await command.sworn("backup", "--make-key", key);
    const made = await command.sworn(
      "backup",
      "--data",
      data,
      "--to",
      to,
      "--key",
      `${key}.public`,
      "--objects",
    );
    expect(made.exitCode, made.stderr).toBe(0);
    before = await database.rows();
    await database.restore(null);
    const back = await command.sworn("restore", "--from", to, "--key", key, "--data", restored, "--json");
    expect(back.exitCode, back.stderr).toBe(0);
    expect(await database.rows()).toEqual(before);
    for (const place of ["place-1", "place-2"]) {
      const at = (kind: string) =>
        readdirSync(join(restored, "keys", place, kind), { recursive: true }).join("\n");
      expect(at("destroyed")).toContain(gone);
      expect(at("keys")).not.toContain(gone);
    }
  });
});
