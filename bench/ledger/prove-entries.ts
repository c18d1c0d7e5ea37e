// The contestant: a log of so many entries as tiles in a folder, as the server publishes them, and proofs from it.
import { randomBytes } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { growTree, nodesFromTiles, proveConsistency, proveInclusion, rootOfLeafHashes } from "@sworn/ledger";
import { LogFolder } from "../../apps/server/src/ledger/log-folder.ts";
import { sha256 } from "../../apps/server/src/ledger/publish-entries.ts";
import type { ContestantGiven, Running } from "../harness/bench.ts";

const batchEntries = 8_192;
const proofs = 100;

async function writeLog(folder: string, size: number): Promise<void> {
  const tiles = new Map<string, Uint8Array>();
  let head = { size: 0, root: rootOfLeafHashes(sha256, []) };
  while (head.size < size) {
    const entries = Math.min(batchEntries, size - head.size);
    const grown = await growTree({
      ...{ sha256, oldSize: head.size, oldRoot: head.root },
      readTile: (path) => Promise.resolve(tiles.get(path)),
      leafHashes: Array.from({ length: entries }, () => randomBytes(32)),
    });
    for (const { path, bytes } of grown.tiles) tiles.set(path, bytes);
    head = grown;
  }
  for (const [path, bytes] of tiles) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), bytes);
  }
}

export async function open({ folder, quick, settings }: ContestantGiven): Promise<Running> {
  const { entries } = settings as { readonly entries: number };
  const size = quick ? Math.min(entries, 1_000) : entries;
  await writeLog(folder, size);
  const log = new LogFolder(folder);
  const any = (below: number): number => Math.floor(Math.random() * below);
  // As for each request: nothing is remembered from one proof to the next.
  const nodes = () => nodesFromTiles(sha256, (path) => log.read(path), size);
  return {
    async round() {
      const startedAtMs = performance.now();
      for (let done = 0; done < proofs; done += 1)
        await proveInclusion(sha256, nodes(), { index: any(size), size });
      const includedAtMs = performance.now();
      for (let done = 0; done < proofs; done += 1)
        await proveConsistency(sha256, nodes(), { oldSize: 1 + any(size), newSize: size });
      return {
        inclusionProofMs: (includedAtMs - startedAtMs) / proofs,
        consistencyProofMs: (performance.now() - includedAtMs) / proofs,
      };
    },
    close: () => Promise.resolve(),
  };
}
