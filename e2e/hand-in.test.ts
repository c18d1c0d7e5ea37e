// A camera that was lost and found again, through the command line: one that never docked, and one of whose journal the
// server has a part. What is on them is taken in as untrusted, verified as that, and their folders are as they were.
import { createHash } from "node:crypto";
import { chmodSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import {
  type CommandLine,
  type Ended,
  type ServerProcess,
  commandLine,
  startServerProcess,
} from "./command-line.ts";

let folder: string;
let command: CommandLine;
let server: ServerProcess;
let anchors: string;

const film = [
  "--as-fast",
  "--seconds",
  "2",
  "--prerecord",
  "2",
  "--size",
  "320x240",
  "--fps",
  "10",
  "--json",
];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "sworn-e2e-"));
  chmodSync(folder, 0o711);
  command = commandLine({ XDG_CONFIG_HOME: join(folder, "config") });
  const data = ["--data", join(folder, "data"), "--port", "0", "--log-level", "warn"];
  server = await startServerProcess(command, ...data);
  const setup = ["setup", "--url", server.url, "--code", server.setupCode ?? ""];
  const made = await command.sworn(...setup, "--force", "Test Force", "--person", "A. Jones", "--json");
  const force = made.json<{ force: { id: string } }>().force.id;
  anchors = join(folder, "anchors.pem");
  writeFileSync(anchors, await (await fetch(`${server.url}/v1/forces/${force}/anchor.pem`)).text());
}, 60_000);

afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

async function enrol(name: string): Promise<{ path: string; id: string }> {
  const path = join(folder, "cameras", name);
  const enrolled = await command.sworn("camera", "enrol", path, "--name", name, "--json");
  expect(enrolled.stderr).toBe("");
  return { path, id: enrolled.json<{ camera: { id: string } }>().camera.id };
}

const record = async (path: string): Promise<string> =>
  (await command.sworn("camera", "record", path, ...film)).json<{ id: string }>().id;

const lose = async (id: string): Promise<void> => {
  const lost = await command.sworn("camera", "lost", id, "--circumstances", "Dropped in a chase");
  expect(lost.stderr).toBe("");
};

const handIn = (path: string): Promise<Ended> =>
  command.sworn("import", "--camera-folder", path, "--reason", "Found in a gutter at Putney", "--json");

interface HandedIn {
  readonly acceptedEntries: number;
  readonly refusedEntries: number;
  readonly recordings: { recording: string; state: string }[];
}

/** Every file below the folder and its hash. */
function fingerprint(path: string): string[] {
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((file) => `${file} ${createHash("sha256").update(readFileSync(file)).digest("hex")}`);
}

it("takes in what is on a camera that was lost before it ever docked", async () => {
  const { path, id } = await enrol("LOST-1");
  const recording = await record(path);
  const refused = await handIn(path);
  expect(refused.exitCode).toBe(1);
  expect(refused.stderr).toContain("dock it");
  await lose(id);
  const before = fingerprint(path);
  const taken = await handIn(path);
  expect(taken.stderr).toBe("");
  expect(taken.exitCode).toBe(0);
  expect(taken.json<HandedIn>()).toMatchObject({
    refusedEntries: 0,
    recordings: [{ recording, state: "collected" }],
  });
  expect(fingerprint(path)).toEqual(before);
  const again = await handIn(path);
  expect(again.exitCode).toBe(0);
  expect(again.json<HandedIn>()).toMatchObject({
    acceptedEntries: 0,
    recordings: [{ recording, state: "collected" }],
  });

  const exported = await command.sworn("export", recording, "--to", join(folder, "export"), "--json");
  expect(exported.stderr).toBe("");
  const { folder: files } = exported.json<{ folder: string }>();
  const verified = await command.sworn("verify", files, "--anchors", anchors, "--json");
  expect(verified.exitCode).toBe(1);
  const report = verified.json<{
    overall: string;
    checks: { id: string; verdict: string; fault: string }[];
  }>();
  expect(report.overall).toBe("untrusted");
  const check = (name: string) => report.checks.find(({ id: of }) => of === name);
  expect(check("revocation")).toMatchObject({ fault: "untrusted" });
  expect(check("receipt")).toMatchObject({ fault: "untrusted" });
  for (const name of ["journal-signatures", "journal-chain", "seal", "parts", "identity", "inclusion"])
    expect(check(name), name).toMatchObject({ fault: null });

  const play = await command.sworn("recording", "show", recording, "--json");
  expect(play.json()).toMatchObject({
    recording: { verdict: "untrusted", clock: "unbounded", hasReceipt: true },
  });
}, 60_000);

it("adds what the server lacks of a camera that had docked, and names what the folder has not got", async () => {
  const { path, id } = await enrol("LOST-2");
  expect((await command.sworn("dock", path)).exitCode).toBe(0);
  const first = await record(path);
  const second = await record(path);
  await lose(id);
  const name = readdirSync(join(path, "recordings")).find((entry) => entry.endsWith(second)) ?? "";
  rmSync(join(path, "recordings", name), { recursive: true });
  const taken = await handIn(path);
  expect(taken.exitCode).toBe(1);
  expect(taken.json<HandedIn>()).toMatchObject({
    recordings: [
      { recording: first, state: "collected" },
      { recording: second, state: "missing" },
    ],
  });
}, 60_000);

it("says in words what is wrong", async () => {
  const nowhere = await handIn(join(folder, "nowhere"));
  expect(nowhere.exitCode).toBe(3);
  expect(nowhere.stderr).toContain("no camera");
});
