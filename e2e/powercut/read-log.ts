// The log of the power cuts as it lies on the disk: its checkpoint, unsigned, and whether the tiles are those it names.
import { nodesFromTiles, parseCheckpoint, readRoot } from "@sworn/ledger";
import { createHash } from "node:crypto";
import type { LogFolder } from "../../apps/server/src/ledger/log-folder.ts";
import { BrokenPromise } from "../faults/acknowledgements.ts";

const sha256 = (bytes: Uint8Array): Uint8Array => createHash("sha256").update(bytes).digest();

/** @throws BrokenPromise where checkpoint and tiles do not agree */
export async function readLog(log: LogFolder): Promise<{ size: number; root: Uint8Array }> {
  const text = await log.readCheckpoint();
  if (text === null) return { size: 0, root: sha256(new Uint8Array()) };
  const parsed = parseCheckpoint(text);
  if (!parsed.ok) throw new BrokenPromise(`the checkpoint is torn: ${parsed.message}`);
  const { size, root } = parsed.value;
  const found = await readRoot(
    sha256,
    nodesFromTiles(sha256, (path) => log.read(path), size),
    size,
  ).catch((cause: unknown) => {
    throw new BrokenPromise(`the log of ${size.toString()} cannot be read: ${String(cause)}`, { cause });
  });
  if (!Buffer.from(found).equals(root)) throw new BrokenPromise("the tiles are not those of the checkpoint");
  return { size, root };
}
