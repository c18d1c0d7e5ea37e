// The demo's contract: ends by itself, its last line is the counts, and what it keeps verifies.
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { commandLine } from "./command-line.ts";

const folder = mkdtempSync(join(tmpdir(), "sworn-demo-e2e-"));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

it("shows the whole life of twelve recordings", { timeout: 400_000 }, async () => {
  const command = commandLine({});
  const kept = join(folder, "kept");
  const ended = await command.sworn("demo", "--once", "--json", "--days", "32", "--keep", kept);
  expect(ended.exitCode, ended.stderr).toBe(0);
  const last = JSON.parse(ended.stdout.trimEnd().split("\n").at(-1) ?? "") as { recordings: string[] };
  expect(last).toMatchObject({ recorded: 12, uploaded: 12, verified: 12, held: 1, destroyed: 11 });
  expect(new Set(last.recordings).size).toBe(12);

  expect(readFileSync(join(kept, "sworn-data.json"), "utf8")).toContain('"demo"');
  const id = last.recordings.find((recording) => existsSync(join(kept, "export", recording))) ?? "";
  const verified = await command.sworn(
    "verify",
    join(kept, "export", id),
    "--anchors",
    join(kept, "anchors.pem"),
    "--json",
  );
  expect(verified.json()).toMatchObject({ overall: "intact" });
  expect(verified.exitCode).toBe(0);

  // Never mixed with a real one, nor made in a folder with other data.
  const served = await command.sworn("serve", "--data", kept, "--port", "0");
  expect(served.exitCode).toBe(3);
  expect(served.stderr).toContain('labelled "demo"');
  const again = await command.sworn("demo", "--once", "--json", "--keep", kept);
  expect(again.exitCode).toBe(3);
});
