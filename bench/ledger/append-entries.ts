// The contestant: the server's ledger on a PostgreSQL of its own, with its change log. Acts that do nothing but stage one
// entry commit side by side, while publishing runs again and again as it does under load.
import { join } from "node:path";
import type { ForceId } from "@sworn/contract";
import { formatId, newId } from "@sworn/custody";
import { readConfiguration, silentLog, startServer, systemClock } from "@sworn/server";
import { Api, peopleCalls } from "@sworn/client";
import { openAuthorities } from "../../apps/server/src/authority/index.ts";
import { openLedger } from "../../apps/server/src/ledger/index.ts";
import { openVault } from "../../apps/server/src/open-vault.ts";
import { withForce } from "../../apps/server/src/platform/database/database.ts";
import { readMigrations } from "../../apps/server/src/platform/database/migrate.ts";
import { openPlatform } from "../../apps/server/src/platform/open-platform.ts";
import { ChangeKeeper } from "../../apps/server/src/recovery/index.ts";
import { BenchError, type ContestantGiven, type Running } from "../harness/bench.ts";
import { postmasterOf } from "../ingest/sworn-server.ts";

/** As many as a server gives itself connections to the database, less those for other work. */
const atOnce = 16;

export async function open({ folder, quick }: ContestantGiven): Promise<Running> {
  const dataFolder = join(folder, "data");
  const configuration = readConfiguration({}, { port: 0, dataFolder });
  const options = { clock: systemClock, log: silentLog, purpose: "test" } as const;
  const founding = await startServer(configuration, options);
  const made = await peopleCalls(new Api({ server: founding.url })).setUp({
    code: founding.firstSetupCode ?? "",
    force: { name: "Bench", slug: "bench" },
    person: { name: "A. Bench" },
  });
  await founding.stop();

  const forceId: ForceId = made.force.id;
  const platform = await openPlatform(configuration, options);
  const { database } = platform;
  const authorities = await openAuthorities(platform.dataFolder.part("authority"));
  const { keys } = await openVault(platform.dataFolder, { clock: systemClock });
  const ledgerFolder = platform.dataFolder.part("ledger");
  const migration = (await readMigrations()).at(-1)?.number ?? 0;
  const ports = { database, clock: systemClock, log: silentLog, keys };
  const changes = new ChangeKeeper({ ...ports, ledgerFolder, migration });
  const ledger = openLedger({ ...ports, authorities, changes, folder: ledgerFolder });
  const entries = quick ? 100 : 4_000;
  const person = newId();
  const postmaster = await postmasterOf(dataFolder);

  async function stageAll(): Promise<void> {
    let left = entries;
    const work = async (): Promise<void> => {
      while (left > 0) {
        left -= 1;
        await withForce(database, { forceId, personId: null }, (tx) =>
          ledger.stage(tx, {
            ...{ event: "recording-viewed", actor: { person }, recording: newId() },
            data: { play: formatId(newId()), via: "page", reason: "Measuring" },
          }),
        );
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
    async close() {
      await ledger.stop();
      await changes.close();
      await platform.close();
    },
  };
}
