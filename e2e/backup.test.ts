// A backup beside a running server, restored onto an empty machine: a recording plays there, destroyed keys do not come
// back, an expired key ring and a wrong key are refused. All through the command line, with the embedded database.
import { chmodSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CommandLine, type ServerProcess, commandLine, startServerProcess } from "./command-line.ts";

let folder: string;
let command: CommandLine;
let server: ServerProcess | undefined;
let recording: string;
let gone: string;

const serve = (data: string): Promise<ServerProcess> =>
  startServerProcess(command, "--data", data, "--port", "0", "--log-level", "warn");
const done = async (...words: string[]) => {
  const ended = await command.sworn(...words);
  expect(ended.exitCode, `${words.join(" ")}: ${ended.stderr}${ended.stdout.slice(0, 1_000)}`).toBe(0);
  return ended;
};

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "sworn-backup-"));
  chmodSync(folder, 0o711);
  command = commandLine({ XDG_CONFIG_HOME: join(folder, "config") });
  server = await serve(join(folder, "data"));
  const code = server.setupCode ?? "";
  await done("setup", "--url", server.url, "--code", code, "--force", "Test Force", "--person", "A. Jones");
  await done("borough", "add", "Camden");
  const camera = join(folder, "camera");
  await done("camera", "enrol", camera, "--name", "TST-0001", "--borough", "camden");
  await done("dock", camera);
  const film = ["--seconds", "2", "--prerecord", "0", "--size", "160x120", "--fps", "5", "--json"];
  recording = (await done("camera", "record", camera, ...film)).json<{ id: string }>().id;
  gone = (await done("camera", "record", camera, ...film)).json<{ id: string }>().id;
  await done("dock", camera);
  await done("backup", "--make-key", join(folder, "backup.key"));
}, 240_000);

afterAll(async () => {
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

describe("a backup", { timeout: 240_000 }, () => {
  it("is made beside a running server", async () => {
    const to = ["--to", join(folder, "backup"), "--data", join(folder, "data"), "--objects", "--json"];
    const refused = await command.sworn("backup", ...to, "--key", join(folder, "backup.key"));
    expect(refused.exitCode).toBe(3);
    expect(refused.stderr).toContain(".public");
    const made = await done("backup", ...to, "--key", join(folder, "backup.key.public"));
    expect(made.json()).toMatchObject({ pruned: [] });
    // What comes after it is not in it, but for what the next one brings.
    await done(
      "hold",
      "place",
      "--recording",
      recording,
      "--kind",
      "evidence",
      "--reason",
      "x",
      "--review",
      "2099-01-01",
    );
    const again = await done("backup", ...to, "--key", join(folder, "backup.key.public"));
    expect(again.json<{ objects: { files: number } }>().objects.files).toBe(0);
    expect(again.json<{ pruned: string[] }>().pruned.some((name) => name.startsWith("ring-"))).toBe(true);
    expect(await server?.stop()).toBe(0);
    server = undefined;
  });

  it("restores onto an empty machine, where a recording plays", async () => {
    const data = join(folder, "restored");
    const restored = await done(
      "restore",
      "--from",
      join(folder, "backup"),
      "--key",
      join(folder, "backup.key"),
      "--data",
      data,
      "--json",
    );
    expect(restored.json()).toMatchObject({ keysDestroyed: 0, recovery: { isWhole: true } });
    const checked = await done("fsck", "--data", data, "--level", "4", "--json");
    expect(checked.json<{ isClean: boolean }>().isClean).toBe(true);
    server = await serve(data);
    const at = ["--url", server.url];
    const holds = await done("hold", "list", "--json", ...at);
    expect(holds.stdout).toContain("evidence");
    const shown = await done("recording", "show", recording, "--json", ...at);
    expect(shown.json()).toMatchObject({ recording: { state: "collected", verdict: "verified" } });
    // An export decrypts every byte of the master.
    await done("export", recording, "--to", join(folder, "export"), "--json", ...at);
    expect(readdirSync(join(folder, "export"))).toHaveLength(1);
    await done("recording", "show", gone, "--json", ...at);
    await server.stop();
    server = undefined;
  });

  it("is refused over what is there, after a week, and without its key", async () => {
    const from = ["--from", join(folder, "backup"), "--json"];
    const key = ["--key", join(folder, "backup.key")];
    const full = await command.sworn("restore", ...from, ...key, "--data", join(folder, "restored"));
    expect(full.exitCode).toBe(3);
    expect(full.stderr).toContain("not empty");
    await done("backup", "--make-key", join(folder, "other.key"));
    const other = await command.sworn(
      "restore",
      ...from,
      "--key",
      join(folder, "other.key"),
      "--data",
      join(folder, "no-1"),
    );
    expect(other.exitCode).toBe(3);
    expect(other.stderr).toContain("another backup key");
    const ring = readdirSync(join(folder, "backup")).find((name) => name.startsWith("ring-")) ?? "";
    const old = (Date.now() - 8 * 86_400_000).toString().padStart(15, "0");
    renameSync(join(folder, "backup", ring), join(folder, "backup", `ring-${old}`));
    const expired = await command.sworn("restore", ...from, ...key, "--data", join(folder, "no-2"));
    expect(expired.exitCode).toBe(3);
    expect(expired.stderr).toContain("expired after 7 days");
  });
});
