// The main job through the command line against a real server: from the lens to the vault, to a verified export; what
// is altered is named, what is held stands, what is lost is told. Slow steps are shared, in the order of a day.
import { chmodSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CommandLine, type ServerProcess, commandLine, startServerProcess } from "./command-line.ts";

let folder: string;
let command: CommandLine;
let server: ServerProcess;
let camera: string;
let cameraId: string;
let recording: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "sworn-e2e-"));
  chmodSync(folder, 0o711);
  command = commandLine({ XDG_CONFIG_HOME: join(folder, "config") });
  server = await startServerProcess(
    command,
    "--data",
    join(folder, "data"),
    "--port",
    "0",
    "--log-level",
    "warn",
  );
  camera = join(folder, "cameras", "1");
}, 120_000);

afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

const film = ["--prerecord", "2", "--size", "320x240", "--fps", "10", "--json"];

describe("the life of a recording", { timeout: 120_000 }, () => {
  it("begins with a force, a borough and a camera", async () => {
    const code = server.setupCode ?? "";
    const made = await command.sworn(
      "setup",
      "--url",
      server.url,
      "--code",
      code,
      "--force",
      "Test Force",
      "--person",
      "A. Jones",
      "--json",
    );
    expect(made.stderr).toBe("");
    expect(made.exitCode).toBe(0);
    expect(made.json()).toMatchObject({ force: { slug: "test-force" } });
    expect(made.stdout).not.toContain("swk_");
    const saved = join(folder, "config", "sworn", "credentials.json");
    expect(statSync(saved).mode & 0o777).toBe(0o600);

    expect((await command.sworn("borough", "add", "Camden")).exitCode).toBe(0);
    const enrolled = await command.sworn(
      "camera",
      "enrol",
      camera,
      "--name",
      "TST-0001",
      "--borough",
      "camden",
      "--json",
    );
    expect(enrolled.exitCode).toBe(0);
    cameraId = enrolled.json<{ camera: { id: string } }>().camera.id;
    // The first dock gives the camera its time, as at the start of a shift.
    expect((await command.sworn("dock", camera)).exitCode).toBe(0);
  });

  it("is recorded, docked and receipted", async () => {
    const recorded = await command.sworn(
      "camera",
      "record",
      camera,
      "--seconds",
      "6",
      "--at",
      "2:people-told",
      ...film,
    );
    expect(recorded.stderr).toBe("");
    const sealed = recorded.json<{ id: string; number: number; durationMs: number }>();
    expect(sealed).toMatchObject({ number: 1, durationMs: 8_000 });
    recording = sealed.id;
    const docked = await command.sworn("dock", camera, "--json");
    expect(docked.exitCode, docked.stdout).toBe(0);
    expect(docked.json()).toMatchObject([
      {
        kind: "docked",
        recordings: [{ recording, outcome: { kind: "freed", verdict: "verified" } }],
        missing: [],
      },
    ]);
    const status = await command.sworn("camera", "status", camera, "--json");
    expect(status.json()).toMatchObject({ state: "off", recordings: 0 });
    const shown = await command.sworn("recording", "show", recording, "--json");
    expect(shown.json()).toMatchObject({ recording: { state: "collected", verdict: "verified" } });
  });

  it("is exported and verified offline, and an altered byte is found and named", async () => {
    const exported = await command.sworn("export", recording, "--to", join(folder, "export"), "--json");
    expect(exported.stderr).toBe("");
    const path = exported.json<{ folder: string }>().folder;
    const force = (await command.sworn("camera", "status", camera, "--json")).json<{ force: string }>().force;
    const anchors = join(folder, "anchors.pem");
    writeFileSync(anchors, await (await fetch(`${server.url}/v1/forces/${force}/anchor.pem`)).text());

    const intact = await command.sworn("verify", path, "--anchors", anchors, "--json");
    expect(intact.json()).toMatchObject({ overall: "intact" });
    expect(intact.exitCode).toBe(0);
    const asOf = (at: string) => command.sworn("verify", path, "--anchors", anchors, "--at", at, "--json");
    expect((await asOf(new Date().toISOString())).exitCode).toBe(0);
    const expired = await asOf("2099-01-01");
    expect([expired.exitCode, expired.json()]).toMatchObject([1, { overall: "untrusted" }]);
    expect((await asOf("2026-02-31")).exitCode).toBe(2);
    const untrusted = await command.sworn("verify", path, "--json");
    expect(untrusted.json()).toMatchObject({ overall: "untrusted" });
    expect(untrusted.exitCode).toBe(1);

    const master = join(path, "recording.mp4");
    const bytes = readFileSync(master);
    const at = Math.floor(bytes.length / 2);
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    writeFileSync(master, bytes);
    const altered = await command.sworn("verify", path, "--anchors", anchors, "--json");
    expect(altered.exitCode).toBe(1);
    expect(altered.json()).toMatchObject({ overall: "altered" });
    expect(altered.json<{ alteredRanges: { fromMs: number; toMs: number }[] }>().alteredRanges).toHaveLength(
      1,
    );

    // Exported again over what is there: never.
    expect((await command.sworn("export", recording, "--to", join(folder, "export"))).exitCode).toBe(1);
  });

  it("is held, listed and released", async () => {
    const placed = await command.sworn(
      "hold",
      "place",
      "--recording",
      recording,
      "--kind",
      "evidence",
      "--reason",
      "R v Smith",
      "--review",
      "2099-01-01",
      "--json",
    );
    expect(placed.stderr).toBe("");
    const { hold } = placed.json<{ hold: { id: string } }>();
    expect((await command.sworn("hold", "list", "--json")).json()).toMatchObject([{ id: hold.id }]);
    const shown = await command.sworn("recording", "show", recording, "--json");
    expect(shown.json()).toMatchObject({ retention: { standing: "held", holds: [{ id: hold.id }] } });
    expect((await command.sworn("retention", "plan", "--days", "40", "--json")).json()).toMatchObject({
      falling: 0,
    });
    expect((await command.sworn("hold", "release", hold.id, "--reason", "No further action")).exitCode).toBe(
      0,
    );
    expect((await command.sworn("hold", "list", "--json")).json()).toEqual([]);
    expect((await command.sworn("retention", "run", "--json")).json()).toMatchObject({ destroyed: 0 });
  });

  it("takes in another maker's film as unattested", async () => {
    const path = join(folder, "export", recording, "recording.mp4");
    const taken = await command.sworn(
      "import",
      path,
      "--started",
      "2026-01-31T22:15:00Z",
      "--incident",
      "CAD-1",
      "--json",
    );
    expect(taken.stderr).toBe("");
    const [one] = taken.json<{ state: string; recording: string }[]>();
    expect(one?.state).toBe("collected");
    const shown = await command.sworn("recording", "show", one?.recording ?? "", "--json");
    expect(shown.json()).toMatchObject({
      recording: { verdict: "unattested", format: "file", incident: "CAD-1" },
    });
  });

  it("two keys are two people", async () => {
    const person = (await command.sworn("person", "add", "--name", "B. Smith", "--json")).json<{
      id: string;
    }>();
    const keyFile = join(folder, "second.json");
    const made = await command.sworn(
      "key",
      "create",
      "--person",
      person.id,
      "--label",
      "laptop",
      "--save",
      keyFile,
      "--json",
    );
    expect(made.exitCode).toBe(0);
    expect(made.stdout).not.toContain("swk_");
    const refused = await command.sworn("person", "add", "--name", "C. Brown", "--key-file", keyFile);
    expect(refused.exitCode).toBe(1);
    expect(refused.stderr).toContain("administrator");
  });

  it("a lost camera is revoked, and what it may hold is told", async () => {
    const recorded = await command.sworn("camera", "record", camera, "--seconds", "4", ...film);
    expect(recorded.exitCode).toBe(0);
    const lost = await command.sworn(
      "camera",
      "lost",
      cameraId,
      "--circumstances",
      "Fell into the Thames at Putney",
      "--json",
    );
    expect(lost.stderr).toBe("");
    const { breach } = lost.json<{ breach: { openedAt: string; notifyBy: string; mayHold: unknown[] } }>();
    expect(Date.parse(breach.notifyBy) - Date.parse(breach.openedAt)).toBe(72 * 3_600_000);
    expect(breach.mayHold).not.toEqual([]);
    // It opens no session any more, and keeps what it has.
    const docked = await command.sworn("dock", camera, "--json");
    expect(docked.exitCode).toBe(1);
    expect((await command.sworn("camera", "status", camera, "--json")).json()).toMatchObject({
      recordings: 1,
    });
  });

  it("the server stops clean, and starts again with all of it", async () => {
    expect(await server.stop()).toBe(0);
    server = await startServerProcess(
      command,
      "--data",
      join(folder, "data"),
      "--port",
      new URL(server.url).port,
      "--log-level",
      "warn",
    );
    expect(server.setupCode).toBeNull();
    const list = await command.sworn("recording", "list", "--json");
    expect(list.json<unknown[]>().length).toBeGreaterThanOrEqual(2);
  });
});

describe("errors of the command line", () => {
  it.each([
    [["nonsense"], 2],
    [["hold", "place"], 2],
    [["camera", "lost", "not-an-id", "--circumstances", "x"], 2],
    [["recording", "list", "--url", "http://127.0.0.1:1"], 3],
    [["camera", "status", "/nowhere/at/all"], 3],
    [["verify", "/nowhere/at/all"], 3],
  ] as const)("%j ends with %i, in words", async (words, exitCode) => {
    const ended = await command.sworn(...words);
    expect(ended.exitCode).toBe(exitCode);
    expect(ended.stderr).not.toBe("");
    expect(ended.stderr).not.toMatch(/\n\s+at /);
    expect(ended.stdout).toBe("");
  });

  it("every command has help with an example", async () => {
    const commands = readdirSync(new URL("../apps/cli/src/commands", import.meta.url));
    expect(commands.length).toBeGreaterThan(15);
    for (const words of [
      ["camera", "record"],
      ["dock"],
      ["export"],
      ["verify"],
      ["demo"],
      ["retention", "plan"],
    ]) {
      const help = await command.sworn(...words, "--help");
      expect(help.exitCode).toBe(0);
      expect(help.stdout).toContain("Example:");
    }
  });
});
