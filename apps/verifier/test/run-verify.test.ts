// The command as somebody runs it: exit codes, what it prints, and where.
import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { encodePem } from "@sworn/custody";
import { beforeAll, describe, expect, it } from "vitest";
import { parseMoment, renderText, runVerify, verifyExport } from "../src/index.ts";
import { type BuiltExport, buildExport, joined, withFolder } from "./build-export.ts";
import { type Force, NOW_MS, newForce } from "./force-fixture.ts";

let force: Force;
let built: BuiltExport;

beforeAll(async () => {
  force = await newForce();
  built = await buildExport(force);
});

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs on the export with an anchors file beside it. */
async function run(
  options: { at?: string; json?: boolean; anchors?: string | null; path?: string } = {},
  files = built.files,
): Promise<Ran> {
  return withFolder(files, async (folder) => {
    const anchorsFile = join(folder, "README.txt");
    await writeFile(anchorsFile, options.anchors ?? encodePem("CERTIFICATE", force.anchor));
    let out = "";
    let err = "";
    const code = await runVerify({
      path: options.path ?? folder,
      ...(options.anchors === null ? {} : { anchorsFile }),
      ...(options.at === undefined ? {} : { at: options.at }),
      ...(options.json ? { json: true } : {}),
      stdout: { write: (text) => (out += text) },
      stderr: { write: (text) => (err += text) },
    });
    return { code, out, err };
  });
}

describe("verify", () => {
  it("ends with 0 for intact and for nothing else", async () => {
    const intact = await run();
    expect(intact).toMatchObject({ code: 0, err: "" });
    expect(intact.out).toMatch(/^\n {2}INTACT\n/);
    const without = await run({ anchors: null });
    expect(without.code).toBe(1);
    expect(without.out).toMatch(/^\n {2}UNTRUSTED\n/);
    const bytes = joined(built.parts);
    bytes[700] = (bytes[700] ?? 0) ^ 1;
    const altered = await run({}, new Map(built.files).set("recording.mp4", bytes));
    expect(altered.code).toBe(1);
    expect(altered.out).toMatch(/^\n {2}ALTERED\n/);
  });

  it("gives machines one JSON object", async () => {
    const { code, out } = await run({ json: true });
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ report: 1, overall: "intact", recording: { number: 7 } });
  });

  it("takes a time, and refuses what is none", async () => {
    expect((await run({ at: "2026-11-21" })).code).toBe(0);
    expect((await run({ at: "2036-11-21T10:00:00Z" })).code).toBe(1);
    for (const at of ["yesterday", "2026-02-31", "2026-11-21T25:00:00Z", ""]) {
      expect(await run({ at })).toMatchObject({ code: 2, out: "" });
    }
    expect(parseMoment("2026-11-23T12:00:00+01:00")).toBe(Date.UTC(2026, 10, 23, 11));
  });

  it("gives errors to machines too: one JSON value", async () => {
    const wrong = await run({ at: "yesterday", json: true });
    expect(wrong).toMatchObject({ code: 2, err: expect.stringContaining("is no time") as unknown });
    expect(JSON.parse(wrong.out)).toMatchObject({ error: { code: "wrong-usage" } });
    const missing = await run({ path: "/nonexistent/export", json: true });
    expect(missing.code).toBe(3);
    expect(JSON.parse(missing.out)).toMatchObject({ error: { code: "path-missing" } });
  });

  it("says what to do when it cannot run", async () => {
    const missing = await run({ path: "/nonexistent/export" });
    expect(missing).toMatchObject({ code: 3, out: "" });
    expect(missing.err).toContain("Give the folder that was exported");
    for (const anchors of [
      "no anchor here",
      "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
      "-----BEGIN CERTIFICATE-----\n=A\n-----END CERTIFICATE-----\n",
    ]) {
      expect(await run({ anchors })).toMatchObject({ code: 3, out: "" });
    }
  });

  it("runs alone, as a command, on any Node from 20", async () => {
    const bin = new URL("../bin/sworn-verify.mjs", import.meta.url).pathname;
    const ran = await withFolder(built.files, async (folder) => {
      const anchors = join(folder, "README.txt");
      await writeFile(anchors, encodePem("CERTIFICATE", force.anchor));
      return new Promise<{ error: Error | null; out: string }>((done) => {
        execFile(process.execPath, [bin, folder, "--anchors", anchors], (error, out) => done({ error, out }));
      });
    });
    expect(ran.error).toBeNull();
    expect(ran.out).toContain("INTACT");
  });
});

describe("the text", () => {
  it("stays within its columns and shows no control character of the evidence", async () => {
    const told = await buildExport(force, {
      extra: (recording, after) =>
        after === 1 ? [{ kind: "paused", body: { recording, atMs: 1, reason: "\u001b[2J\u202eevil" } }] : [],
    });
    const report = await withFolder(told.files, (folder) =>
      verifyExport(folder, { anchors: [force.anchor], nowMs: NOW_MS }),
    );
    for (const columns of [60, 80, 100]) {
      const text = renderText(report, { columns });
      expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThanOrEqual(columns);
      expect(text).not.toMatch(/[\u001b\u202e]/);
      expect(text).toContain("evil");
    }
    expect(renderText(report, { colour: true })).toContain("\u001b[32m");
  });
});
