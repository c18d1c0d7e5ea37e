// What the vault acknowledged over all lives, kept outside of its file system, and whether it still holds.
import { openFolderStore, openKeyRing, type FolderStore, type KeyRing } from "@sworn/vault";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { LogFolder } from "../../apps/server/src/ledger/log-folder.ts";
import { BrokenPromise } from "../faults/acknowledgements.ts";
import { readLog } from "./read-log.ts";
import {
  type Act,
  FIRST_PART_BYTES,
  MIN_PART_BYTES,
  SECOND_PART_BYTES,
  bytesOf,
  isAct,
} from "./vault-acts.ts";

class Life {
  readonly begun = new Set<Act>();
  readonly done = new Set<Act>();
  /** Acknowledged, and nothing that takes it back was even begun. */
  stands(act: Act, unless: Act): boolean {
    return this.done.has(act) && !this.begun.has(unless);
  }
}

export class VaultPromises {
  readonly #lives = new Map<string, Life>();
  acknowledged = 0;

  hear(word: string, rest: string): void {
    const [name = "", act = ""] = rest.split(" ");
    if ((word !== "begun" && word !== "done") || !isAct(act)) return;
    const life = this.#lives.get(name) ?? new Life();
    this.#lives.set(name, life);
    life[word].add(act);
    if (word === "done") this.acknowledged += 1;
  }

  /** Opens what lies in the folder, as a start after the cut would, and compares all of it. @throws BrokenPromise */
  async check(root: string): Promise<void> {
    const store = await openFolderStore({ root: join(root, "objects"), minPartBytes: MIN_PART_BYTES });
    const ring = await openKeyRing({
      places: [join(root, "keys", "place-1"), join(root, "keys", "place-2")],
      rootFolder: join(root, "keys", "roots"),
    });
    let grown = 0;
    for (const [name, life] of this.#lives) {
      await checkKey(ring, name, life);
      await checkObject(store, name, life);
      await checkSmall(store, name, life);
      await checkFile(root, name, life);
      if (life.done.has("log-grown")) grown += 1;
    }
    const { size } = await readLog(new LogFolder(join(root, "ledger")));
    require_(size >= grown, `the log has ${size.toString()} entries, ${grown.toString()} were acknowledged`);
    for await (const finding of ring.check()) require_(false, `the ring: ${JSON.stringify(finding)}`);
  }
}

function require_(holds: boolean, message: string): void {
  if (!holds) throw new BrokenPromise(message);
}

async function checkKey(ring: KeyRing, name: string, life: Life): Promise<void> {
  const id = `${name}/life`;
  const found = await ring.get(id);
  if (life.done.has("key-destroyed")) require_(found.kind === "destroyed", `${id}: the key is back`);
  else if (life.stands("key-put", "key-destroyed")) require_(found.kind === "key", `${id}: the key is lost`);
  if (found.kind === "key") require_(found.key.equals(bytesOf(id, 32)), `${id}: another key`);
}

async function readAll(store: FolderStore, key: string): Promise<Buffer> {
  const opened = await store.openObject(key);
  if (opened.kind === "absent") return Buffer.alloc(0);
  return opened.object.read(0, opened.object.sizeBytes);
}

async function checkObject(store: FolderStore, name: string, life: Life): Promise<void> {
  const key = `${name}/life`;
  const stat = await store.stat(key);
  const { kind } = stat;
  if (life.done.has("object-deleted")) {
    require_(kind === "absent", `${key}: the object is back`);
    return;
  }
  const parts =
    kind === "absent"
      ? []
      : stat.parts.map(({ number, sizeBytes }) => `${number.toString()}:${sizeBytes.toString()}`);
  const wanted = [
    ["part-one", `1:${FIRST_PART_BYTES.toString()}`],
    ["part-two", `2:${SECOND_PART_BYTES.toString()}`],
  ] as const;
  for (const [act, part] of wanted) {
    if (life.stands(act, "object-deleted")) require_(parts.includes(part), `${key}: ${act} is lost`);
  }
  if (life.stands("object-complete", "object-deleted")) require_(kind === "complete", `${key} is lost`);
  if (kind !== "complete") return;
  const whole = [bytesOf(`${key}/1`, FIRST_PART_BYTES), bytesOf(`${key}/2`, SECOND_PART_BYTES)];
  require_((await readAll(store, key)).equals(Buffer.concat(whole)), `${key} has other bytes`);
}

async function checkSmall(store: FolderStore, name: string, life: Life): Promise<void> {
  if (!life.done.has("object-put")) return;
  const key = `${name}/small`;
  require_((await readAll(store, key)).equals(bytesOf(key, 300)), `${key} is lost or altered`);
}

async function checkFile(root: string, name: string, life: Life): Promise<void> {
  const path = join(root, "files", name);
  const bytes = await readFile(path).catch(() => null);
  if (life.done.has("file-removed")) require_(bytes === null, `the file ${name} is back`);
  else if (life.stands("file-written", "file-removed")) require_(bytes !== null, `the file ${name} is lost`);
  if (bytes !== null) require_(bytes.equals(bytesOf(path, 500)), `the file ${name} is torn`);
}
