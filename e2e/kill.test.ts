// Kill -9 of the commands that people run, with the real encoder, once each: nothing acknowledged is lost, and doing it again
// finishes it. The many rounds, at random moments, are in faults/.
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type CommandLine, type ServerProcess, commandLine, startServerProcess } from "./command-line.ts";

let folder: string;
let command: CommandLine;
let server: ServerProcess;
let camera: string;
const known = new Set<string>();

async function start(port: string): Promise<ServerProcess> {
  return startServerProcess(command, "--data", join(folder, "data"), "--port", port, "--log-level", "warn");
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "sworn-kill-"));
  chmodSync(folder, 0o711);
  command = commandLine({ XDG_CONFIG_HOME: join(folder, "config") });
  server = await start("0");
  camera = join(folder, "camera");
  const code = server.setupCode ?? "";
  const made = await command.sworn(
    "setup",
    "--url",
    server.url,
    "--code",
    code,
    "--force",
    "Kill",
    "--person",
    "A",
  );
  expect(made.exitCode, made.stderr).toBe(0);
  expect((await command.sworn("camera", "enrol", camera, "--name", "KIL-1")).exitCode).toBe(0);
}, 120_000);

afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

const film = ["--prerecord", "1", "--size", "320x240", "--fps", "10", "--as-fast", "--json"];

/** Runs a command and kills it after `afterMs`, unless it has ended. */
async function cut(afterMs: number, ...words: string[]): Promise<void> {
  const child = command.start(...words);
  child.stdout?.resume();
  child.stderr?.resume();
  const ended = new Promise((resolve) => child.once("exit", resolve));
  await Promise.race([ended, wait(afterMs)]);
  child.kill("SIGKILL");
  await ended;
}

/** All that was ever recorded is on the camera or collected; then it is all collected. */
async function finish(): Promise<void> {
  const docked = await command.sworn("dock", camera, "--json");
  expect(docked.exitCode, docked.stdout + docked.stderr).toBe(0);
  const [report] = docked.json<{ recordings: { recording: string }[]; missing: unknown[] }[]>();
  expect(report?.missing).toEqual([]);
  for (const { recording } of report?.recordings ?? []) known.add(recording);
  const list = (await command.sworn("recording", "list", "--json")).json<
    { id: string; state: string; verdict: string }[]
  >();
  for (const { state, verdict } of list)
    expect({ state, verdict }).toEqual({ state: "collected", verdict: "verified" });
  for (const id of known) expect(list.map((one) => one.id)).toContain(id);
}

it.each([4_700])("the camera, after %i ms of recording", { timeout: 120_000 }, async (afterMs) => {
  await cut(
    afterMs,
    "camera",
    "record",
    camera,
    "--seconds",
    "20",
    ...film.filter((word) => word !== "--as-fast"),
  );
  await finish();
});

it.each([1_150])("the dock, after %i ms", { timeout: 120_000 }, async (afterMs) => {
  const recorded = await command.sworn("camera", "record", camera, "--seconds", "4", ...film);
  known.add(recorded.json<{ id: string }>().id);
  await cut(afterMs, "dock", camera);
  await finish();
});

it.each([1_150])("the server, %i ms into docking", { timeout: 120_000 }, async (afterMs) => {
  const recorded = await command.sworn("camera", "record", camera, "--seconds", "4", ...film);
  known.add(recorded.json<{ id: string }>().id);
  const docking = command.sworn("dock", camera, "--json");
  await wait(afterMs);
  await server.kill();
  server = await start(new URL(server.url).port);
  // It may have gone on by itself, or given up: either is right as long as doing it again finishes it.
  await docking;
  await finish();
});
