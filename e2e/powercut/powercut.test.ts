// The power cuts, shortened. Where power cannot be cut (no root, no loop devices) the tests say so and are skipped.
import { afterAll, beforeAll, expect, it } from "vitest";
import { slowNeeds } from "../../scripts/system-needs.ts";
import { onTusFileStore, underEatmydata, withoutFolderSync } from "./can-fail.ts";
import { removeStale, whyNoVolumes } from "./loop-volume.ts";
import { postgresCuts } from "./postgres-cuts.ts";
import { vaultCuts } from "./vault-cuts.ts";

let why: string | null = "not looked";
beforeAll(async () => {
  const missing = slowNeeds.filter((need) => need.find() === null);
  removeStale();
  why = missing.length > 0 ? `${missing.map(({ name }) => name).join(", ")} not found` : await whyNoVolumes();
}, 120_000);
afterAll(removeStale);

const cutIt = (name: string, test: () => Promise<void>): void => {
  it(name, { timeout: 120_000 }, async (context) => {
    if (why !== null) context.skip(`power cannot be cut: ${why}`);
    await test();
  });
};

const seed = Math.floor(Math.random() * 1e9);

cutIt("a store without folder syncs is caught", async () => {
  expect(await withoutFolderSync()).toMatch(/is lost/);
});
cutIt("a store under eatmydata is caught", async () => {
  expect(await underEatmydata()).not.toBeNull();
});
cutIt("@tus/server's file store is caught", async () => {
  expect(await onTusFileStore()).not.toBeNull();
});
cutIt(`the vault loses nothing that it acknowledged (seed ${seed.toString()})`, async () => {
  expect(await vaultCuts({ cuts: 3, seed })).toMatchObject({ cuts: 3 });
});
cutIt(`the database loses nothing that it acknowledged (seed ${seed.toString()})`, async () => {
  expect(await postgresCuts({ cuts: 2, seed })).toMatchObject({ cuts: 2 });
});
