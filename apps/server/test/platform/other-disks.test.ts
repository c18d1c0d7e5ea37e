// Places on other disks: remembered, known again by their label, and never replaced by an empty folder without a word.
import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openVault } from "../../src/open-vault.ts";
import { systemClock } from "../../src/platform/clock.ts";

let base: string;
beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), "sworn-disks-"));
});
afterEach(() => rm(base, { recursive: true }));

const open = (places?: { secondStore: string | null; secondKeys: string | null }) =>
  openVault(
    { part: (...names) => join(base, "data", ...names) },
    { clock: systemClock, ...(places === undefined ? {} : { places }) },
  );

it("are found again without being named, and refused when their disk is away", async () => {
  const places = { secondStore: join(base, "disk", "store"), secondKeys: join(base, "disk", "keys") };
  const vault = await open(places);
  await vault.store.putObject("a/b", new Uint8Array(10));
  expect(await vault.pair?.copy("a/b")).toBe("copied");
  await vault.keys.put("key/1", new Uint8Array(32));
  const again = await open();
  expect(await again.pair?.copy("a/b")).toBe("present");
  expect((await again.keys.locate("key/1")).keys).toEqual([true, true]);
  await rename(join(base, "disk"), join(base, "unmounted"));
  await mkdir(join(base, "disk", "store"), { recursive: true });
  await mkdir(join(base, "disk", "keys"), { recursive: true });
  await expect(open(places)).rejects.toMatchObject({
    code: "data-folder-unusable",
    message: /Mount its disk/,
  });
  await expect(open()).rejects.toThrow(/SWORN_SECOND_KEYS/);
  const moved = {
    secondStore: join(base, "unmounted", "store"),
    secondKeys: join(base, "unmounted", "keys"),
  };
  expect(await (await open(moved)).pair?.copy("a/b")).toBe("present");
  expect(await (await open()).pair?.copy("a/b")).toBe("present");
});

it("begin empty, and no key stays behind in the data folder", async () => {
  const vault = await open();
  await vault.keys.put("key/1", new Uint8Array(32));
  const places = { secondStore: null, secondKeys: join(base, "keys") };
  await expect(open(places)).rejects.toThrow(/remove that folder/);
  await rm(join(base, "data", "keys", "place-2"), { recursive: true });
  expect((await (await open(places)).keys.locate("key/1")).keys).toEqual([true, true]);
  await mkdir(join(base, "store"));
  await writeFile(join(base, "store", "something"), "x");
  await expect(open({ secondStore: join(base, "store"), secondKeys: null })).rejects.toThrow(/not empty/);
});
