// kill -9 at random moments: whatever the process acknowledged is there afterwards, and nothing is half there.
import { spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { openFolderStore, openKeyRing } from "../src/index.ts";
import { bytesOf } from "./kill-child.ts";
import { readAll } from "./store-suite.ts";

const child = fileURLToPath(new URL("kill-child.ts", import.meta.url));

/** Runs the child until some milliseconds after it is ready, kills it, and returns what it told. */
async function runAndKill(base: string, round: number): Promise<string[]> {
  const running = spawn(process.execPath, [child, base, String(round)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  running.stdout.setEncoding("utf8");
  const ended = new Promise((resolve) => running.on("close", resolve));
  running.stdout.on("data", (text: string) => {
    if (output === "") setTimeout(() => running.kill("SIGKILL"), randomInt(5, 400));
    output += text;
  });
  await ended;
  expect(running.signalCode).toBe("SIGKILL");
  return output.split("\n").slice(0, -1);
}

test("six rounds of kill -9", async () => {
  const base = await mkdtemp(join(tmpdir(), "sworn-kill-"));
  const told = new Set<string>();
  try {
    for (let round = 0; round < 6; round += 1) {
      for (const line of await runAndKill(base, round)) told.add(line);
      const store = await openFolderStore({ root: join(base, "store"), minPartBytes: 1024 });
      const places = [join(base, "a"), join(base, "b")] as const;
      const ring = await openKeyRing({ places, rootFolder: join(base, "roots") });
      expect(await readdir(join(base, "store", "tmp"))).toEqual([]);
      for (const line of told) {
        const [what, id = ""] = line.split(" ");
        if (what !== "begun") continue;
        const found = await ring.get(id);
        if (told.has(`shredded ${id}`)) expect(found.kind).toBe("destroyed");
        else if (told.has(`key ${id}`) && !told.has(`destroying ${id}`)) expect(found.kind).toBe("key");
        if (found.kind === "key") expect(found.key.equals(bytesOf(id, 32))).toBe(true);
        const stat = await store.stat(id);
        if (told.has(`deleted ${id}`)) expect(stat.kind).toBe("absent");
        else if (told.has(`complete ${id}`) && !told.has(`destroying ${id}`))
          expect(stat.kind).toBe("complete");
        else if (told.has(`parts ${id}`) && !told.has(`destroying ${id}`)) {
          expect(stat.kind === "absent" ? 0 : stat.parts.length).toBe(2);
        }
        if (stat.kind === "complete") {
          const whole = Buffer.concat([bytesOf(id, 400_000), bytesOf(id, 5000)]);
          expect((await readAll(store, id))?.equals(whole)).toBe(true);
        }
      }
      await ring.rotateRoot();
      for await (const finding of ring.check()) expect(finding).toBeUndefined();
    }
    expect([...told].filter((line) => line.startsWith("complete")).length).toBeGreaterThan(0);
  } finally {
    await rm(base, { recursive: true });
  }
}, 120_000);
