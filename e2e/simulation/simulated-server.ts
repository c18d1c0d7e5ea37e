// The server of a simulation: all capabilities of the product as they are wired in production, on a simulated machine,
// over the faulty database and network. What differs: no port, no threads (a thread would have a disk of its own), and
// no runner of jobs: the schedule calls the daily tasks.
import type { Duplex } from "node:stream";
import { assembleCapabilities, type Capabilities } from "../../apps/server/src/capabilities.ts";
import { openAuthorities } from "../../apps/server/src/authority/index.ts";
import { buildServer } from "../../apps/server/src/http/server.ts";
import { inlineIntakePool } from "../../apps/server/src/ingest/intake/intake-pool.ts";
import { type Ledger, openLedger } from "../../apps/server/src/ledger/index.ts";
import { openVault, type Vault } from "../../apps/server/src/open-vault.ts";
import { findKey, issueSetupCode, listForceIds } from "../../apps/server/src/people/index.ts";
import type { Clock } from "../../apps/server/src/platform/clock.ts";
import { readConfiguration } from "../../apps/server/src/platform/configuration.ts";
import { type DataFolder, openDataFolder } from "../../apps/server/src/platform/data-folder.ts";
import {
  openDatabase,
  withPlatform,
  type Database,
} from "../../apps/server/src/platform/database/database.ts";
import type { Log } from "../../apps/server/src/platform/log.ts";
import { createMetrics } from "../../apps/server/src/platform/metrics.ts";
import { type DatabaseLine, breakAll } from "./database/faulty-socket.ts";
import type { SimulatedDatabase } from "./database/simulated-database.ts";
import type { Cut, Machine } from "./machine/machine.ts";
import type { Network } from "./network/faulty-network.ts";

export const SERVER_URL = "http://127.0.0.1";

export interface Running {
  readonly database: Database;
  readonly folder: DataFolder;
  readonly vault: Vault;
  readonly ledger: Ledger;
  readonly capabilities: Capabilities;
  readonly setupCode: () => Promise<string>;
}

export interface ServerParts {
  readonly machine: Machine;
  readonly network: Network;
  readonly database: SimulatedDatabase;
  readonly clock: Clock;
  readonly log: Log;
  /** Wraps the store that capabilities are given: a known bug to be found. */
  readonly wrapStore?: (store: Vault["store"]) => Vault["store"];
}

export class SimulatedServer {
  readonly #parts: ServerParts;
  #line: DatabaseLine | null = null;
  /** Asked at each commit, while the server runs. */
  commitFaults: DatabaseLine["faults"] = null;
  running: Running | null = null;

  constructor(parts: ServerParts) {
    this.#parts = parts;
  }

  get machine(): Machine {
    return this.#parts.machine;
  }

  /** False after a sync has failed: it must be started anew. */
  isHealthy(): boolean {
    return Object.values(this.running?.capabilities.health ?? {}).every((isGood) => isGood());
  }

  /** Starts it; rejects where the product refuses to start, and never settles where the machine dies meanwhile. */
  async start(): Promise<void> {
    const { machine, network, clock, log } = this.#parts;
    await this.#parts.database.settled();
    const path = machine.start();
    const line: DatabaseLine = {
      ...{ time: machine.time, isDead: false, sockets: new Set() },
      faults: () => this.commitFaults?.() ?? null,
      die: () => {
        machine.die("killed");
      },
    };
    this.#line = line;
    const open = new Set<Duplex>();
    machine.onDeath(() => {
      this.running = null;
      network.wire = null;
      breakAll(line);
      for (const end of open) end.destroy();
    });
    const databaseSource = this.#parts.database.sourceOver(line);
    const folder = await openDataFolder(`${path}/data`, "test");
    const database = openDatabase(databaseSource, { log, maximumConnections: 6 });
    const authorities = await openAuthorities(folder.part("authority"));
    const opened = await openVault(folder, { clock });
    const vault = { ...opened, store: this.#parts.wrapStore?.(opened.store) ?? opened.store };
    const ledger = openLedger({
      ...{ database, clock, log, authorities, keys: vault.keys },
      folder: folder.part("ledger"),
    });
    const metrics = createMetrics();
    const platform = {
      ...{ clock, log, metrics, dataFolder: folder, database, databaseSource, embedded: null },
      close: () => database.close(),
    };
    const capabilities = assembleCapabilities(platform, {
      ...{ vault, authorities, ledger, missingAfterDays: 14 },
      intakePool: inlineIntakePool(vault.store),
    });
    for (const forceId of await withPlatform(database, listForceIds)) {
      await capabilities.seed(forceId);
      await ledger.publishNow(forceId);
    }
    await capabilities.resume();
    const app = await buildServer({
      ...{ configuration: readConfiguration({}, { port: 0 }), version: "simulated", clock, log, metrics },
      findKey: (secret) => findKey(database, clock, secret),
      ...{ ready: [], routes: capabilities.routes },
    });
    network.wire = { server: app.server, time: machine.time, open };
    const setupCode = (): Promise<string> => issueSetupCode(database, clock);
    this.running = { database, folder, vault, ledger, capabilities, setupCode };
  }

  /** As `kill -9`, or as a power cut. */
  die(cut: Cut): void {
    this.machine.die(cut);
    if (this.#line) breakAll(this.#line);
  }

  /** A daily task of the product by its name. */
  async runTask(name: string): Promise<void> {
    const task = this.running?.capabilities.tasks.find((one) => one.name === name);
    if (!task) throw new RangeError(`no task ${name}`);
    const signal = new AbortController().signal;
    await task.run({}, { forceId: null, personId: null, attempt: 1, signal, log: this.#parts.log });
  }
}
