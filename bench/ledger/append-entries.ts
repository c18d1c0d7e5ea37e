// The contestants: the server's ledger on a PostgreSQL of its own, with its change log. Acts that do nothing but stage
// entries commit side by side, while publishing runs again and again as it does under load.
import { formatId, newId } from "@sworn/custody";
import { withForce } from "../../apps/server/src/platform/database/database.ts";
import { BenchError, type ContestantGiven, type Running } from "../harness/bench.ts";
import { appendLoad, type AppendSettings } from "./append-load.ts";
import { openServerParts } from "./server-parts.ts";

export async function open({ folder, quick, settings }: ContestantGiven): Promise<Running> {
  const { entries, entriesPerAct } = appendLoad(settings as unknown as AppendSettings, quick);
  const { atOnce } = settings as unknown as AppendSettings;
  const parts = await openServerParts(folder);
  const { platform, ledger, forceId, postmaster } = parts;
  const person = newId();
  const entry = () => ({
    ...{ event: "recording-viewed", actor: { person }, recording: newId() },
    data: { play: formatId(newId()), via: "page", reason: "Measuring" },
  });

  async function stageAll(): Promise<void> {
    let left = entries;
    const work = async (): Promise<void> => {
      while (left > 0) {
        left -= entriesPerAct;
        await withForce(platform.database, { forceId, personId: null }, async (tx) => {
          if (entriesPerAct === 1) await ledger.stage(tx, entry());
          else await ledger.stageMany(tx, Array.from({ length: entriesPerAct }, entry));
        });
      }
    };
    await Promise.all(Array.from({ length: atOnce }, work));
  }

  return {
    processes: () => [postmaster],
    async round() {
      const before = (await ledger.head(forceId)).size;
      const staging = { isDone: false };
      const staged = stageAll().finally(() => (staging.isDone = true));
      let size = before;
      let checkpoints = 0;
      do {
        const wasDone = staging.isDone;
        const head = await ledger.publishNow(forceId);
        if (head.size > size) checkpoints += 1;
        else if (wasDone) throw new BenchError("contestant-failed", "entries were staged and not published");
        size = head.size;
      } while (size < before + entries);
      await staged;
      return { operations: entries, checkpoints };
    },
    close: () => parts.close(),
  };
}
