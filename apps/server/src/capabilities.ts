// Puts the capabilities together: what each is given, which routes are served, which tasks run. Order means nothing
// here but for the reader.
import type { ForceId } from "@sworn/contract";
import { parseId } from "@sworn/custody";
import type { Authorities } from "./authority/index.ts";
import { devicesRoutes, publicForceRoutes } from "./devices/index.ts";
import { dockAccess, dockingRoutes, segmentsIn } from "./docking/index.ts";
import type { EvidencePorts } from "./evidence/index.ts";
import { findingsRoutes } from "./findings/index.ts";
import type { RegisterRoutes } from "./http/app.ts";
import { openIngest, quarantineRoutes, receiptRoutes, uploadRoutes } from "./ingest/index.ts";
import type { Task } from "./jobs/index.ts";
import { keyTasks } from "./key-tasks.ts";
import { ledgerRoutes, type Ledger } from "./ledger/index.ts";
import type { Vault } from "./open-vault.ts";
import { peopleRoutes, type Founding } from "./people/index.ts";
import { enqueuePoster, openPlayback } from "./playback/index.ts";
import type { Platform } from "./platform/open-platform.ts";

export interface Capabilities {
  readonly routes: readonly RegisterRoutes[];
  readonly tasks: readonly Task[];
  /** What every force has from its founding on; done again at each start, for those that a crash left without. */
  seed(forceId: ForceId): Promise<void>;
  /** Takes up what a crash left; before the first request. */
  resume(): Promise<void>;
  /** What readiness hangs on, by name. */
  readonly health: Readonly<Record<string, () => boolean>>;
  /** Ends what runs beside requests and jobs. */
  stop(): Promise<void>;
}

export function assembleCapabilities(
  platform: Platform,
  given: { readonly vault: Vault; readonly authorities: Authorities; readonly ledger: Ledger },
): Capabilities {
  const { clock, database, dataFolder, log } = platform;
  const { authorities, ledger, vault } = given;
  const seed = async (forceId: ForceId): Promise<void> => {
    await (await authorities.of(parseId(forceId))).ingestKeys.current(clock.nowMs());
  };
  const founding: Founding = {
    makeKeys: async ({ id, name }) => {
      await authorities.create({ id: parseId(id), name }, clock.nowMs());
    },
    seed,
  };
  const devices = { database, clock, authorities, ledger };
  const docks = dockAccess({ database, clock });
  const docking = { ...devices, segments: segmentsIn(vault.store) };
  const evidence: EvidencePorts = {
    ...{ database, clock, log, authorities, ledger },
    ...{ store: vault.store, keys: vault.keys },
    onCollected: (tx, _forceId, recording) => enqueuePoster(tx, recording),
  };
  const ingest = openIngest({ evidence, storeRoot: vault.storeRoot });
  const { ports, queue } = ingest;
  const playback = openPlayback({ ...{ database, clock, log, ledger }, ring: vault.keys, store: vault.store });
  return {
    routes: [
      peopleRoutes({ database, clock, founding }),
      devicesRoutes(devices),
      publicForceRoutes(devices),
      findingsRoutes({ database, clock, ledger }),
      ledgerRoutes(ledger),
      dockingRoutes(docking, docks),
      uploadRoutes({ ports, queue, dockAccess: docks }),
      receiptRoutes({ ports, queue, dockAccess: docks }),
      quarantineRoutes(ports),
      ...playback.routes,
    ],
    tasks: [
      ...keyTasks({ authorities, keys: vault.keys, clock, rotationFile: dataFolder.part("keys", "rotated-at") }),
      ...ingest.tasks,
      playback.posterTask,
    ],
    seed,
    resume: () => ingest.resume(),
    health: { volume: () => ingest.isHealthy() },
    async stop() {
      await ingest.stop();
      playback.close();
    },
  };
}
