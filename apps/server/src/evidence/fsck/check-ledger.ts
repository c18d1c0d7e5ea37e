// Level 4: the log on disk is what its checkpoint signs, and the database's entries are those of the log.
import { hash } from "node:crypto";
import { readEntries, tileWidth, verifyLog, TILE_WIDTH, type TileReader } from "@sworn/ledger";
import { equalBytes } from "@sworn/custody";
import { LedgerFault, listRecordingEntries } from "../../ledger/index.ts";
import { eachRecording, read, type ForceCheck } from "./ports.ts";

const sha256 = (data: Uint8Array): Uint8Array => hash("sha256", data, "buffer");

export async function checkLedger(check: ForceCheck): Promise<void> {
  const { ledger } = check.ports;
  const about = { level: check.level, forceId: check.forceId };
  const readTile = (path: string): Promise<Uint8Array | undefined> => ledger.readPublic(check.forceId, path);
  let head;
  try {
    head = await ledger.head(check.forceId);
  } catch (error) {
    if (!(error instanceof LedgerFault)) throw error;
    check.tell({ ...about, kind: "ledger-altered", subject: "checkpoint", detail: error.message });
    return;
  }
  const verdict = await verifyLog({ sha256, size: head.size, root: head.root, readTile, entries: true });
  check.looked();
  if (!verdict.ok) {
    for (const finding of verdict.findings) {
      check.tell({ ...about, kind: "ledger-altered", subject: finding.path, detail: finding.message });
    }
    return;
  }
  for await (const row of eachRecording(check)) {
    for (const entry of await read(check, (tx) => listRecordingEntries(tx, row.id, 5_000))) {
      if (entry.index === null || entry.index >= head.size) continue;
      const leaf = await readLeaf(readTile, entry.index, head.size);
      if (leaf !== undefined && equalBytes(leaf, entry.leaf)) continue;
      const subject = `entry ${String(entry.index)}`;
      check.tell({
        ...about,
        kind: "entry-differs",
        recording: row.id,
        subject,
        detail: "The database's entry is not the log's.",
      });
    }
    check.looked();
  }
}

async function readLeaf(readTile: TileReader, index: number, size: number): Promise<Uint8Array | undefined> {
  const bundle = Math.floor(index / TILE_WIDTH);
  const width = tileWidth(size, "entries", bundle);
  const entries = await readEntries(readTile, { level: "entries", index: bundle, width });
  return entries[index % TILE_WIDTH];
}
