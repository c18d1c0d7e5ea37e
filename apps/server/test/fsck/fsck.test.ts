// fsck over real stored data: nothing is found where nothing is wrong, and one changed bit anywhere is found and named.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startFsckStore, type FsckStore } from "./fsck-store.ts";

let store: FsckStore;
beforeAll(async () => {
  store = await startFsckStore();
});
afterAll(() => store.stop());

describe("stored data with nothing wrong", () => {
  it("has no problem at any level, and each level says what it looked at and read", async () => {
    const report = await store.check(4);
    expect(report.problems).toEqual([]);
    expect(report.isClean).toBe(true);
    expect(report.levels.map(({ level }) => level)).toEqual([1, 2, 3, 4]);
  });
});
