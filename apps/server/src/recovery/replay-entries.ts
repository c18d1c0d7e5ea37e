// Gives the database the entries of the published log that it lacks, each at its place; nothing is signed here, so that
// the next checkpoint goes on from the published one.
import type { LogFolder } from "../ledger/index.ts";
import { readPublishedEntries, type PublishedTree } from "./read-entries.ts";
import type { Replaying } from "./recover-ports.ts";

export async function replayEntries(
  replaying: Replaying,
  folder: LogFolder,
  tree: PublishedTree,
): Promise<void> {
  const { ports, forceId, openings, tally } = replaying;
  const { rows } = ports;
  const indexed = rows === null ? 0 : await rows.countIndexed(forceId);
  // The last known one is compared with the log: another entry at its place would be a fork.
  const from = Math.max(0, Math.min(indexed, tree.size) - 1);
  if (rows === null || ports.isDryRun) {
    tally.entries = Math.max(0, tree.size - indexed);
    return;
  }
  for await (const entries of readPublishedEntries({ forceId, folder, openings }, tree, from)) {
    const done = (entries.at(-1)?.index ?? 0) + 1;
    await rows.inStep(async () => {
      tally.entries += await rows.putEntries(forceId, entries);
      if (done === tree.size) await rows.putLedgerHead(forceId, { ...tree, nowMs: ports.nowMs });
    });
    ports.onProgress?.({ forceId, what: "ledger entries", done, total: tree.size });
  }
}
