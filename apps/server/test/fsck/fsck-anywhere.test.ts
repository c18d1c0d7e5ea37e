// One flipped bit at a random place of a random file: whatever it is, the check says that something is wrong and names it.
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { flipped, startFsckStore, type FsckStore } from "./fsck-store.ts";

let store: FsckStore;
let files: string[];
beforeAll(async () => {
  store = await startFsckStore();
  const all = [
    ...(await store.files("objects")),
    ...(await store.files("keys-a")),
    ...(await store.files("keys-b")),
    ...(await store.files("roots")),
    ...(await store.files("ledger")),
  ];
  // A tombstone counts by its name; bytes of an upload under way have no hash yet.
  files = all.filter((path) => !path.endsWith(".destroyed") && !path.includes(store.cut.id));
}, 120_000);
afterAll(() => store.stop());

/** What a problem about this file must have in its subject. */
function nameOf(path: string): RegExp {
  const [area = "", ...rest] = path.split("/");
  if (area === "ledger") return new RegExp(`^${rest.slice(1).join("/")}$`);
  if (area === "roots") return new RegExp(rest.join("/"));
  if (path.endsWith("ring.json")) return /^keys$/;
  if (area.startsWith("keys"))
    return new RegExp(`^${(rest[2] ?? "").replace(/\.key$/, "").replaceAll("_", "/")}$`);
  return new RegExp(`^${(rest[2] ?? "").replaceAll("_", "/")}$`);
}

it("is found, named, and nothing that is whole is called damaged", async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(), fc.nat(), async (which, bit) => {
      const path = files[which % files.length] ?? "";
      const length = (await store.bytes(path)).length * 8;
      const { problems, isClean } = await store.withFile(path, (bytes) => flipped(bytes, bit % length));
      const names = problems.filter(({ severity }) => severity !== "notice").map(({ subject }) => subject.id);
      expect(isClean, path).toBe(false);
      expect(names, path).toContainEqual(expect.stringMatching(nameOf(path)));
      // A damaged checkpoint proves no receipt and no tile, but it does not make them damaged.
      for (const name of names) expect(name, path).toMatch(nameOf(path));
    }),
    { numRuns: 30 },
  );
}, 240_000);
