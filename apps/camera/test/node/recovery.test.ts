import { spawn } from "node:child_process";
import { appendFile, cp, mkdtemp, readFile, readdir, rm, stat, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type JournalEntry } from "@sworn/custody";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type HeadlessCamera, openCamera } from "../../node/headless-camera.ts";
import {
  type TestCamera,
  type TestForce,
  decryptAll,
  newCamera,
  newForce,
  testClock,
  verifiedEntries,
} from "./camera-rig.ts";
import { fastEncoder } from "./fake-encoder.ts";
import { FaultyDisk } from "./faulty-disk.ts";

const FAST = { source: { kind: "scene", seed: "s" }, pace: "as-fast" } as const;
const options = () => ({ clock: testClock(), pulseEveryMs: null, startEncoder: fastEncoder() });

let force: TestForce;
let template: TestCamera;
let folder: string;
beforeAll(async () => {
  force = await newForce();
  template = await newCamera(force);
});
afterAll(() => template.remove());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "camera-recovery-"));
  await cp(template.folder, folder, { recursive: true });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function bodyOf(camera: HeadlessCamera, kind: JournalEntry["kind"]): Promise<unknown> {
  return (await verifiedEntries(camera)).find((entry) => entry.kind === kind)?.body;
}

describe("the fragment in hand", () => {
  /** Dies at the nth write of a file while the tenth part is stored: 0 and 1 are part and announcement, 2 the journal. */
  async function dieAtWrite(nth: number): Promise<HeadlessCamera> {
    let armed = false;
    let dead = false;
    let writes = -1;
    const disk = new FaultyDisk((_, name) => {
      if (dead) return { kind: "before", code: "EIO" };
      if (!armed || name !== "append") return null;
      writes += 1;
      if (writes === nth) dead = true;
      return dead ? { kind: "torn", code: "EIO" } : null;
    });
    const arm = (count: number): void => {
      armed = count === 9;
    };
    const camera = await openCamera(folder, {
      ...options(),
      disk,
      startEncoder: fastEncoder({ onTaken: arm }),
    });
    await camera.powerOn();
    await camera.record({ filming: FAST, durationMs: 60_000, prerecordMs: 2_000 }).catch(() => undefined);
    await camera.close();
    const again = await openCamera(folder, options());
    await again.powerOn();
    return again;
  }

  it("is kept once it is whole on the disk, although its entry was not journaled", async () => {
    const camera = await dieAtWrite(2);
    expect(await bodyOf(camera, "recovered")).toMatchObject({ parts: 11, cutBytes: 0 });
    await decryptAll(camera, force);
    await camera.close();
  });

  it("is cut and counted while it is not", async () => {
    const camera = await dieAtWrite(1);
    const recovered = await bodyOf(camera, "recovered");
    expect(recovered).toMatchObject({ parts: 10 });
    expect((recovered as { cutBytes: number }).cutBytes).toBeGreaterThan(0);
    expect(await bodyOf(camera, "recording-sealed")).toMatchObject({ parts: 10, reason: "power-loss" });
    await decryptAll(camera, force);
    await camera.close();
  });
});

describe("kill -9", () => {
  it(
    "at any moment leaves every journaled part, and a seal after the next start",
    { timeout: 120_000 },
    async () => {
      const child = fileURLToPath(new URL("./recording-child.ts", import.meta.url));
      const rounds = 8;
      let unclean = 0;
      let sealedBefore = 0;
      for (let round = 0; round < rounds; round++) {
        const stored = await killedAfter(child, 25 + round * 37);
        const camera = await openCamera(folder, options());
        await camera.powerOn();
        const entries = await verifiedEntries(camera);
        await decryptAll(camera, force);
        const listed = camera.dock.listRecordings();
        expect(listed.every((recording) => recording.seal !== null)).toBe(true);
        const parts = listed.slice(sealedBefore).reduce((sum, recording) => sum + recording.parts, 0);
        // What the child saw stored was written by then, and a kill takes nothing that was written.
        expect(parts).toBeGreaterThanOrEqual(stored);
        sealedBefore = listed.length;
        if (entries.some((entry) => entry.kind === "booted" && !entry.body.clean)) unclean += 1;
        await camera.powerOff();
        await camera.close();
      }
      expect(unclean).toBe(rounds);
      expect(sealedBefore).toBeGreaterThan(rounds / 2);
    },
  );

  /** Kills the child some time after it began to store; gives how many parts it saw stored. */
  async function killedAfter(script: string, afterMs: number): Promise<number> {
    const process_ = spawn(process.execPath, [script, folder], { stdio: ["ignore", "pipe", "inherit"] });
    let stored = 0;
    let timer: NodeJS.Timeout | null = null;
    process_.stdout.setEncoding("utf8").on("data", (text: string) => {
      timer ??= setTimeout(() => {
        process_.kill("SIGKILL");
      }, afterMs);
      for (const line of text.split("\n")) if (line !== "") stored = Math.max(stored, Number(line));
    });
    const code = await new Promise<number | null>((resolve) => {
      process_.once("close", resolve);
    });
    expect(code).toBeNull();
    return stored;
  }
});

describe("a damaged folder", () => {
  async function recordOne(): Promise<void> {
    const camera = await openCamera(folder, options());
    await camera.powerOn();
    await camera.record({ filming: FAST, durationMs: 8_000, prerecordMs: 2_000 });
    await camera.powerOff();
    await camera.close();
  }
  const journalFile = async (): Promise<string> =>
    join(folder, "journal", (await readdir(join(folder, "journal")))[0] ?? "");
  const opening = async (): Promise<unknown> =>
    openCamera(folder, options()).then((camera) => camera.close());

  it("is told apart from a torn tail", async () => {
    await recordOne();
    const path = await journalFile();
    const whole = await readFile(path);
    await appendFile(path, whole.subarray(0, 100));
    const camera = await openCamera(folder, options());
    expect((await stat(path)).size).toBe(whole.length);
    await camera.powerOn();
    expect(await verifiedEntries(camera)).toContainEqual(
      expect.objectContaining({ kind: "booted", body: expect.objectContaining({ clean: true }) as unknown }),
    );
    await camera.close();
  });

  it("takes off a tail that the disk never wrote", async () => {
    await recordOne();
    const path = await journalFile();
    const { size } = await stat(path);
    await appendFile(path, new Uint8Array(700));
    await opening();
    expect((await stat(path)).size).toBe(size);
  });

  it("names any flipped bit in the journal and changes nothing", async () => {
    await recordOne();
    const path = await journalFile();
    const whole = await readFile(path);
    for (let place = 3; place < whole.length; place += Math.floor(whole.length / 40)) {
      const flipped = Buffer.from(whole);
      flipped[place] = (flipped[place] ?? 0) ^ 0x10;
      await writeFile(path, flipped);
      await expect(opening(), `byte ${String(place)}`).rejects.toMatchObject({ code: "folder-damaged" });
      expect(await readFile(path)).toEqual(flipped);
    }
  });

  it("says what is missing", async () => {
    await recordOne();
    await rm(join(folder, "journal"), { recursive: true });
    await expect(opening()).rejects.toMatchObject({ code: "folder-damaged" });
    await rm(join(folder, "identity", "camera.der"));
    await expect(opening()).rejects.toMatchObject({ code: "not-enrolled" });
    await rm(join(folder, "identity"), { recursive: true });
    await expect(opening()).rejects.toMatchObject({ code: "folder-missing" });
    await rm(folder, { recursive: true });
    await expect(opening()).rejects.toMatchObject({ code: "folder-missing" });
  });

  it("journals that media is missing, and goes on", async () => {
    await recordOne();
    const name = (await readdir(join(folder, "recordings")))[0] ?? "";
    await truncate(join(folder, "recordings", name, "media"), 100);
    const camera = await openCamera(folder, options());
    await camera.powerOn();
    expect(await bodyOf(camera, "fault")).toEqual({ code: "media-missing-1" });
    await expect(camera.dock.readMedia(1, 200).next()).rejects.toMatchObject({ code: "folder-damaged" });
    await camera.close();
  });

  it("takes a clock file that is damaged for a dead clock", async () => {
    await recordOne();
    await writeFile(join(folder, "clock.cbor"), "noise");
    await opening();
  });

  it("is driven by one process at a time", async () => {
    const camera = await openCamera(folder, options());
    await expect(opening()).rejects.toMatchObject({ code: "folder-in-use" });
    await camera.close();
    await opening();
  });
});
