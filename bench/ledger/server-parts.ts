// The parts of a server that benches drive without HTTP: a founded force, its ledger with the change log, vault and
// PostgreSQL, wired as the server wires them.
import { join } from "node:path";
import { Api, peopleCalls } from "@sworn/client";
import type { ForceId } from "@sworn/contract";
import { readConfiguration, silentLog, startServer, systemClock } from "@sworn/server";
import { openAuthorities, type Authorities } from "../../apps/server/src/authority/index.ts";
import { openLedger, type Ledger } from "../../apps/server/src/ledger/index.ts";
import { openVault, type Vault } from "../../apps/server/src/open-vault.ts";
import { readMigrations } from "../../apps/server/src/platform/database/migrate.ts";
import { openPlatform, type Platform } from "../../apps/server/src/platform/open-platform.ts";
import { ChangeKeeper } from "../../apps/server/src/recovery/index.ts";
import { postmasterOf } from "../ingest/sworn-server.ts";

export interface ServerParts {
  readonly forceId: ForceId;
  readonly platform: Platform;
  readonly authorities: Authorities;
  readonly vault: Vault;
  readonly ledger: Ledger;
  readonly postmaster: number;
  close(): Promise<void>;
}

export async function openServerParts(folder: string): Promise<ServerParts> {
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

  const platform = await openPlatform(configuration, options);
  const { database } = platform;
  const authorities = await openAuthorities(platform.dataFolder.part("authority"));
  const vault = await openVault(platform.dataFolder, { clock: systemClock });
  const ledgerFolder = platform.dataFolder.part("ledger");
  const migration = (await readMigrations()).at(-1)?.number ?? 0;
  const ports = { database, clock: systemClock, log: silentLog, keys: vault.keys };
  const changes = new ChangeKeeper({ ...ports, ledgerFolder, migration });
  const ledger = openLedger({ ...ports, authorities, changes, folder: ledgerFolder });
  return {
    ...{ forceId: made.force.id, platform, authorities, vault, ledger },
    postmaster: await postmasterOf(dataFolder),
    async close() {
      await ledger.stop();
      await changes.close();
      await platform.close();
    },
  };
}
