// Does the acts of one life on the real store, key ring, log folder and durable files, and tells each after it returned.
// With an act to stop at it waits there for the end of the world; with `on` it lives life after life.
// Arguments: folder, life's name, act to stop at or `on`, and how: `real`, or `no-folder-sync` to show what is then lost.
import { encodeCheckpoint, growTree, hashLeaf } from "@sworn/ledger";
import { nodeStoreFs, openFolderStore, openKeyRing } from "@sworn/vault";
import { createHash } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { LogFolder } from "../../apps/server/src/ledger/log-folder.ts";
import { removeDurably, writeDurably } from "../../apps/server/src/platform/durable-file.ts";
import { tell } from "../faults/told-lines.ts";
import { readLog } from "./read-log.ts";
import {
  FIRST_PART_BYTES,
  MIN_PART_BYTES,
  SECOND_PART_BYTES,
  acts,
  bytesOf,
  type Act,
} from "./vault-acts.ts";

const [root = "", life = "", stopAt = "", how = "real"] = process.argv.slice(2);
const sha256 = (bytes: Uint8Array): Uint8Array => createHash("sha256").update(bytes).digest();
const storeFs =
  how === "no-folder-sync" ? { ...nodeStoreFs, syncFolder: () => Promise.resolve() } : nodeStoreFs;

const store = await openFolderStore({
  root: join(root, "objects"),
  minPartBytes: MIN_PART_BYTES,
  fs: storeFs,
});
const ring = await openKeyRing({
  places: [join(root, "keys", "place-1"), join(root, "keys", "place-2")],
  rootFolder: join(root, "keys", "roots"),
});
const log = new LogFolder(join(root, "ledger"));
await mkdir(join(root, "files"), { recursive: true });

async function growLog(name: string): Promise<void> {
  const { size, root: oldRoot } = await readLog(log);
  const leaf = hashLeaf(sha256, bytesOf(name, 40));
  const grown = await growTree({
    ...{ sha256, oldSize: size, oldRoot, leafHashes: [leaf] },
    readTile: (path) => log.read(path),
  });
  await log.writeTiles(grown.tiles);
  await log.writeCheckpoint(
    encodeCheckpoint({ origin: "powercut", size: grown.size, root: grown.root, extensions: [] }),
  );
}

function worksOf(name: string): Record<Act, () => Promise<unknown>> {
  const key = `${name}/life`;
  const file = join(root, "files", name);
  return {
    "key-put": () => ring.put(key, bytesOf(key, 32)),
    "part-one": () => store.putPart(key, 1, bytesOf(`${key}/1`, FIRST_PART_BYTES)),
    "part-two": () => store.putPart(key, 2, bytesOf(`${key}/2`, SECOND_PART_BYTES)),
    "object-complete": () =>
      store.complete(key, [
        { number: 1, sizeBytes: FIRST_PART_BYTES },
        { number: 2, sizeBytes: SECOND_PART_BYTES },
      ]),
    "file-written": () => writeDurably(file, bytesOf(file, 500)),
    "log-grown": () => growLog(name),
    "object-put": () => store.putObject(`${name}/small`, bytesOf(`${name}/small`, 300)),
    "key-destroyed": () => ring.delete(key),
    "object-deleted": () => store.delete(key),
    "file-removed": () => removeDurably(file),
    "root-rotated": () => ring.rotateRoot(),
  };
}

tell("ready");
for (let more = 0; ; more += 1) {
  const name = more === 0 ? life : `${life}-${more.toString()}`;
  const works = worksOf(name);
  for (const act of acts) {
    tell("begun", `${name} ${act}`);
    await works[act]();
    tell("done", `${name} ${act}`);
    if (act !== stopAt) continue;
    tell("stopped");
    await new Promise((resolve) => setTimeout(resolve, 600_000));
  }
}
