// What is read of a folder whose camera was cut off while it recorded, against what the camera itself makes of it when it
// is started again: the same entries, nothing changed, and nothing believed that is not whole.
import { cp, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodeSegment, entryHash, parseEntry, toHex, type JournalEntry } from "@sworn/custody";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openCamera } from "../../node/headless-camera.ts";
import { readCameraFolder, type FoundCamera } from "../../node/read-folder.ts";
import { newCamera, newForce, testClock, verifiedEntries, type TestCamera } from "./camera-rig.ts";
import { fastEncoder } from "./fake-encoder.ts";
import { FaultyDisk } from "./faulty-disk.ts";

const filming = { source: { kind: "scene", seed: "s" }, pace: "as-fast" } as const;
const options = () => ({ clock: testClock(), pulseEveryMs: null, startEncoder: fastEncoder() });

let template: TestCamera;
let folder: string;
beforeAll(async () => {
  template = await newCamera(await newForce());
});
afterAll(() => template.remove());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "camera-found-"));
  await cp(template.folder, folder, { recursive: true });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Dies at the nth write of a file from the part on that follows `parts` fragments: the journal's write is 2. */
async function dieAtWrite(nth: number, parts: number, kind: "before" | "torn"): Promise<void> {
  let isArmed = false;
  let isDead = false;
  let writes = -1;
  const disk = new FaultyDisk((_, name) => {
    if (isDead) return { kind: "before", code: "EIO" };
    if (!isArmed || name !== "append") return null;
    writes += 1;
    if (writes === nth) isDead = true;
    return isDead ? { kind, code: "EIO" } : null;
  });
  const onTaken = (count: number): void => {
    isArmed ||= count === parts;
  };
  const camera = await openCamera(folder, { ...options(), disk, startEncoder: fastEncoder({ onTaken }) });
  await camera.powerOn();
  await camera.record({ filming, durationMs: 60_000, prerecordMs: 2_000 }).catch(() => undefined);
  await camera.close();
}

async function entriesOf(found: FoundCamera): Promise<JournalEntry[]> {
  const entries: JournalEntry[] = [];
  for await (const { bytes } of found.segments())
    for (const { entry } of decodeSegment(bytes)) entries.push(parseEntry(entry).entry);
  return entries;
}

/** The camera's own journal after it was started again. */
async function ownEntries(): Promise<JournalEntry[]> {
  const camera = await openCamera(folder, options());
  await camera.powerOn();
  const entries = await verifiedEntries(camera);
  await camera.close();
  return entries;
}

async function fingerprint(): Promise<string[]> {
  const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((one) =>
    one.isFile(),
  );
  const paths = files.map((one) => join(one.parentPath, one.name)).sort();
  return Promise.all(paths.map(async (path) => `${path} ${toHex(await entryHash(await readFile(path)))}`));
}

describe("the entry in hand of a camera that was cut off", () => {
  it.each(["before", "torn"] as const)(
    "is the journal's last where its part is whole, the journal's own write cut off %s",
    async (kind) => {
      await dieAtWrite(2, 9, kind);
      const before = await fingerprint();
      const found = await readCameraFolder(folder);
      expect(found).toMatchObject({ damage: [], inHand: { sequence: found.head.sequence } });
      const entries = await entriesOf(found);
      expect(await fingerprint()).toEqual(before);
      expect(entries.at(-1)).toMatchObject({ kind: "fragment", sequence: found.head.sequence });
      // What the camera does of it at its own start is the same entry, byte by byte.
      const own = await ownEntries();
      const next = own.find(({ sequence }) => sequence === found.head.sequence + 1);
      expect(toHex(next?.previous ?? new Uint8Array())).toBe(toHex(found.head.hash));
      expect(entries).toEqual(own.slice(0, entries.length));
    },
  );

  it("is not believed where its part is cut short", async () => {
    await dieAtWrite(2, 9, "before");
    const name = (await readdir(join(folder, "recordings")))[0] ?? "";
    const media = join(folder, "recordings", name, "media");
    const whole = await readCameraFolder(folder);
    const bytes = await readFile(media);
    await writeFile(media, bytes.subarray(0, -1));
    const found = await readCameraFolder(folder);
    expect(found).toMatchObject({ inHand: null, head: { sequence: whole.head.sequence - 1 } });
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    await writeFile(media, bytes);
    expect((await readCameraFolder(folder)).inHand).toBeNull();
  });

  it("is not believed with another camera's signature, nor when it is rubbish", async () => {
    await dieAtWrite(2, 9, "before");
    const pending = join(folder, "pending");
    const bytes = await readFile(pending);
    for (const at of [3, bytes.length - 1, Math.floor(bytes.length / 2)]) {
      const altered = Uint8Array.from(bytes);
      altered[at] = (altered[at] ?? 0) ^ 1;
      await writeFile(pending, altered);
      expect((await readCameraFolder(folder)).inHand, at.toString()).toBeNull();
    }
    await writeFile(pending, new Uint8Array(500));
    expect((await readCameraFolder(folder)).inHand).toBeNull();
  });

  it("is nothing once it is journaled", async () => {
    const camera = await openCamera(folder, options());
    await camera.powerOn();
    await camera.record({ filming, durationMs: 4_000, prerecordMs: 0 });
    await camera.close();
    expect((await readCameraFolder(folder)).inHand).toBeNull();
  });
});
