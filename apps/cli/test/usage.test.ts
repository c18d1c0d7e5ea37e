// What holds of every command: help with an example, --json, exit 2 for wrong usage, and 3 where no server answers.
import { Command } from "commander";
import { describe, expect, it } from "vitest";
import { addCommands } from "../src/commands.ts";
import { sworn, worldOf } from "./cli-rig.ts";

interface Leaf {
  readonly words: readonly string[];
  readonly command: Command;
}

function leavesOf(command: Command, words: readonly string[]): Leaf[] {
  if (command.commands.length === 0) return [{ words, command }];
  return command.commands.flatMap((inner) => leavesOf(inner, [...words, inner.name()]));
}

const program = new Command();
await addCommands(program, worldOf({}), []);
const leaves = leavesOf(program, []);
const named = leaves.map((leaf) => [leaf.words.join(" "), leaf] as const);

const nobodyHome = { SWORN_URL: "http://127.0.0.1:1", SWORN_API_KEY: "swk_0123456789", HOME: "/nonexistent" };
const id = "0198c1f2-7a5b-4c3d-9e8f-001122334455";

/** What an option or argument must be for the command to get as far as the server. */
const fitting: Readonly<Record<string, string>> = {
  ...{ "--kind": "evidence", "--review": "2099-01-01", "--days": "90", decision: "altered" },
  ...{ "--started": "2026-01-31T22:15:00Z", class: "training" },
};
const scopes: Readonly<Record<string, readonly string[]>> = { "hold place": ["--incident", "CAD-1"] };
/** These read a folder or a film first and say what is wrong with that; doctor tells that no server answers. */
const readsFirst = ["doctor", "camera enrol", "camera assign", "dock", "import"];
const speaksToServer = named.filter(
  ([name, { command }]) =>
    command.options.some((option) => option.long === "--key-file") && !readsFirst.includes(name),
);

function wordsFor({ words, command }: Leaf): string[] {
  const needed = command.registeredArguments.map((argument) => fitting[argument.name()] ?? id);
  const options = command.options
    .filter((option) => option.mandatory)
    .flatMap(({ long }) => [long ?? "", fitting[long ?? ""] ?? id]);
  return [...words, ...needed, ...options, ...(scopes[words.join(" ")] ?? [])];
}

it("there are commands to look at", () => {
  expect(leaves.length).toBeGreaterThan(30);
  expect(speaksToServer.length).toBeGreaterThan(20);
});

describe.each(named)("sworn %s", (_name, leaf) => {
  it("has help with an example of itself, and takes --json", async () => {
    const help = await sworn({}, ...leaf.words, "--help");
    expect([help.exitCode, help.stderr]).toEqual([0, ""]);
    expect(help.stdout).toContain(`Example:\n  sworn ${leaf.words.join(" ")}`);
    expect(help.stdout).toContain("--json");
  });

  it("ends with 2 for an option that it does not have", async () => {
    const ended = await sworn({}, ...wordsFor(leaf), "--no-such-option");
    expect([ended.exitCode, ended.stdout]).toEqual([2, ""]);
    expect(ended.stderr).toContain("--no-such-option");
  });

  const needed = leaf.command.registeredArguments.filter((argument) => argument.required);
  const mandatory = leaf.command.options.filter((option) => option.mandatory);
  // A command that needs nothing has nothing to leave out.
  it.skipIf(needed.length + mandatory.length === 0)(
    "ends with 2 when what it needs is left out",
    async () => {
      const ended = await sworn(nobodyHome, ...leaf.words);
      expect([ended.exitCode, ended.stdout]).toEqual([2, ""]);
      expect(ended.stderr).toMatch(/missing required argument|required option/);
    },
  );
});

describe.each(speaksToServer)("sworn %s without a server", (_name, leaf) => {
  it("ends with 3, in words, and as JSON", async () => {
    const words = wordsFor(leaf);
    const ended = await sworn(nobodyHome, ...words);
    expect([ended.exitCode, ended.stdout], ended.stderr).toEqual([3, ""]);
    expect(ended.stderr).toContain("cannot be reached");
    const json = await sworn(nobodyHome, ...words, "--json");
    expect(json.exitCode).toBe(3);
    expect(json.json()).toMatchObject({ error: { code: "unreachable" } });
  });
});

describe("wrong usage", () => {
  it.each([
    ["import"],
    ["import", "film.mp4"],
    ["import", "--camera-folder", "/nowhere"],
    ["import", "film.mp4", "--camera-folder", "/nowhere", "--reason", "x"],
    ["recording", "time", "not-an-id", "--reason", "x"],
    ["recording", "time", id, "--reason", "x", "--ended", "2026-02-31"],
    ["recording", "time", id, "--reason", "x", "--ended", "2026-02-01T10:00"],
    ["retention", "propose", "training", "--days", "0", "--citation", "x", "--reason", "x"],
    ["retention", "propose", "training", "--days", "9e1", "--citation", "x", "--reason", "x"],
    ["retention", "confirm", "7"],
    ["retention", "plan", "--days", "-1"],
    ["hold", "place", "--kind", "whim", "--reason", "x", "--review", "2099-01-01", "--incident", "1"],
    ["hold", "place", "--kind", "other", "--reason", "x", "--review", "2099-01-01"],
  ])("%s %s %s %s %s %s %s %s", async (...words) => {
    const ended = await sworn(nobodyHome, ...words);
    expect([ended.exitCode, ended.stdout]).toEqual([2, ""]);
    expect(ended.stderr).toMatch(/^sworn: /);
  });

  it("is what a command is that does not exist, and a group alone", async () => {
    for (const words of [["nonsense"], ["hold"], ["retention", "nonsense"]])
      expect((await sworn({}, ...words)).exitCode, words.join(" ")).toBe(2);
  });

  it("is not a missing key: that could not run", async () => {
    const ended = await sworn({ XDG_CONFIG_HOME: "/nonexistent" }, "hold", "list");
    expect([ended.exitCode, ended.stdout]).toEqual([3, ""]);
    expect(ended.stderr).toContain("sworn setup");
  });
});
