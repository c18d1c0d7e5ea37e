// Invariant 9, from outside: every checkpoint that anybody ever saw, also those inside receipts, is a state of the log as
// it stands in the end. The roots are computed anew from the entries; nothing of the server's tiles is believed.
import { parseReceipt } from "@sworn/custody";
import {
  CHECKPOINT_PATH,
  decodeEntryBundle,
  hashLeaf,
  parseCheckpoint,
  parseNote,
  parseTlogProof,
  rootOfLeafHashes,
  tilePath,
} from "@sworn/ledger";
import { createHash } from "node:crypto";
import { contentOf } from "./machine/file-tree.ts";
import type { Machine } from "./machine/machine.ts";
import { Violation } from "./violation.ts";
import type { World } from "./world.ts";

const sha256 = (data: Uint8Array): Uint8Array => createHash("sha256").update(data).digest();

function readFile(machine: Machine, path: string): Uint8Array | null {
  let node: Machine["root"] | ReturnType<Machine["root"]["entries"]["get"]> = machine.root;
  for (const name of path.split("/")) node = node?.kind === "folder" ? node.entries.get(name) : undefined;
  return node?.kind === "file" ? contentOf(node) : null;
}

function learn(world: World, note: string): void {
  const parsed = parseNote(note);
  const checkpoint = parsed.ok ? parseCheckpoint(parsed.value.text) : parsed;
  if (!checkpoint.ok) throw new Violation("9 the ledger only grows", "a published checkpoint cannot be read");
  const { size, root } = checkpoint.value;
  const known = world.model.checkpoints.get(size);
  if (known && !Buffer.from(known.root).equals(root))
    throw new Violation(
      "9 the ledger only grows",
      `two checkpoints of size ${String(size)} have different roots`,
    );
  world.model.checkpoints.set(size, { size, root });
}

const folderOf = (world: World): string => `data/ledger/${world.forceId}`;

/** Sees what is published now, as any witness could. */
export function seeCheckpoint(world: World): void {
  const bytes = readFile(world.server.machine, `${folderOf(world)}/${CHECKPOINT_PATH}`);
  if (bytes !== null) learn(world, Buffer.from(bytes).toString("utf8"));
}

/** Reads the checkpoints of all receipts that cameras took, too. */
function seeReceipts(world: World): void {
  for (const { receipt } of world.model.recordings.values()) {
    if (receipt === null) continue;
    const proof = parseTlogProof(parseReceipt(receipt).value.proof);
    if (!proof.ok) throw new Violation("9 the ledger only grows", "a receipt's proof cannot be read");
    learn(world, proof.value.checkpoint);
  }
}

/** Checks the whole log against everything that was ever seen of it. */
export function checkLog(world: World): void {
  seeCheckpoint(world);
  seeReceipts(world);
  const size = Math.max(0, ...world.model.checkpoints.keys());
  const leaves: Uint8Array[] = [];
  for (let index = 0; leaves.length < size; index += 1) {
    const width = Math.min(256, size - index * 256);
    const path = tilePath({ level: "entries", index, width });
    const bundle = readFile(world.server.machine, `${folderOf(world)}/${path}`);
    const entries = bundle === null ? null : decodeEntryBundle(bundle, width);
    if (!entries?.ok) throw new Violation("9 the ledger only grows", `the bundle ${path} is not there`);
    leaves.push(...entries.value.map((entry) => hashLeaf(sha256, entry)));
  }
  for (const seen of world.model.checkpoints.values()) {
    const root = rootOfLeafHashes(sha256, leaves.slice(0, seen.size));
    if (!Buffer.from(root).equals(seen.root))
      throw new Violation(
        "9 the ledger only grows",
        `the checkpoint of size ${String(seen.size)} that was seen is no state of the log`,
      );
  }
}
