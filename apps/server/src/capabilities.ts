// Puts the capabilities together: what each is given, which routes are served, which tasks run. Order means nothing
// here but for the reader.
import type { ForceId, RecordingId } from "@sworn/contract";
import { parseId } from "@sworn/custody";
import type { Authorities } from "./authority/index.ts";
import { devicesRoutes, publicForceRoutes, RevocationLists } from "./devices/index.ts";
import {
  destroyDueJournalKeys,
  dockAccess,
  dockingRoutes,
  openRecordingOpenings,
  readJournal,
  segmentsIn,
  wrapStored,
} from "./docking/index.ts";
import { exportRoutes, recordingRoutes, type EvidencePorts, type ExportSources } from "./evidence/index.ts";
import { findingsRoutes, missingTask, recordFinding } from "./findings/index.ts";
import type { RegisterRoutes } from "./http/app.ts";
import { handInRoutes, openIngest, quarantineRoutes, receiptRoutes, uploadRoutes } from "./ingest/index.ts";
import type { Task } from "./jobs/index.ts";
import { keyTasks } from "./key-tasks.ts";
import { ledgerRoutes, type Ledger } from "./ledger/index.ts";
import type { Vault } from "./open-vault.ts";
import { listForceIds, peopleRoutes, type Founding } from "./people/index.ts";
import { enqueuePoster, openPlayback } from "./playback/index.ts";
import { withForce, withPlatform } from "./platform/database/database.ts";
import type { Platform } from "./platform/open-platform.ts";
import {
  changeRoutes,
  defaultSettings,
  holdRoutes,
  keyIdOf,
  knowsClass,
  retentionRoutes,
  retentionTask,
  seedRetention,
  type RetentionPorts,
} from "./retention/index.ts";

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
  given: {
    readonly vault: Vault;
    readonly authorities: Authorities;
    readonly ledger: Ledger;
    readonly missingAfterDays: number;
    /** In place of threads, for the simulation. */
    readonly intakePool?: Parameters<typeof openIngest>[0]["pool"];
  },
): Capabilities {
  const { clock, database, dataFolder, log } = platform;
  const { authorities, ledger, vault } = given;
  const seed = async (forceId: ForceId): Promise<void> => {
    await (await authorities.of(parseId(forceId))).ingestKeys.current(clock.nowMs());
    await withForce(database, { forceId, personId: null }, (tx) => seedRetention(tx, forceId, clock.nowMs()));
  };
  const founding: Founding = {
    makeKeys: async ({ id, name }) => {
      await authorities.create({ id: parseId(id), name }, clock.nowMs());
    },
    seed,
  };
  const forces = (): Promise<ForceId[]> => withPlatform(database, listForceIds);
  const devices = { database, clock, authorities, ledger };
  const docks = dockAccess({ database, clock });
  const docking = { ...devices, segments: segmentsIn(vault.store), keys: vault.keys };
  const evidence: EvidencePorts = {
    ...{ database, clock, log, authorities, ledger },
    ...{ store: vault.store, keys: vault.keys },
    onCollected: (tx, _forceId, recording) => enqueuePoster(tx, recording),
  };
  const { intakePool: pool } = given;
  const ingest = openIngest({
    evidence,
    storeRoot: vault.storeRoot,
    ...(pool === undefined ? {} : { pool }),
  });
  const { ports, queue } = ingest;
  const playback = openPlayback(
    { ...{ database, clock, log, ledger }, ring: vault.keys, store: vault.store },
    { poster: { readEntries: (place, range) => readJournal(docking, place, range) } },
  );
  const retention: RetentionPorts = {
    ...{ database, clock, log, ledger, objects: vault.store, settings: defaultSettings },
    keys: {
      get: (id) => vault.keys.get(id),
      async delete(id) {
        const destroyed = await vault.keys.delete(id);
        // A key that a player still has in memory would outlive its destruction.
        if (id.startsWith(keyIdOf(""))) playback.forget(id.slice(keyIdOf("").length) as RecordingId);
        return destroyed;
      },
    },
    serviceOf: async (forceId) => (await authorities.of(parseId(forceId))).service,
    tellFinding: (tx, { recordingId, ...finding }, foundAtMs) =>
      recordFinding(tx, { ...finding, recordingId: recordingId as RecordingId }, foundAtMs),
  };
  const revocations = new RevocationLists(devices);
  const exports: ExportSources = {
    revocations: (forceId: ForceId) => revocations.current(forceId),
    readJournal: (place, range) => readJournal(docking, place, range),
    openOpenings: (place, recording) => openRecordingOpenings(docking, place, recording),
  };
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
      handInRoutes(ports),
      recordingRoutes(evidence, { isClass: knowsClass }),
      exportRoutes(evidence, exports),
      retentionRoutes(retention),
      changeRoutes(retention),
      holdRoutes(retention),
      ...playback.routes,
    ],
    tasks: [
      ...keyTasks({
        authorities,
        keys: vault.keys,
        clock,
        rotationFile: dataFolder.part("keys", "rotated-at"),
        journals: {
          wrapStored: (forceId) => wrapStored(docking, forceId),
          destroyDue: (forceId) => destroyDueJournalKeys(docking, forceId),
        },
      }),
      ...ingest.tasks,
      playback.posterTask,
      retentionTask(retention, forces),
      missingTask({ database, clock, ledger, missingAfterDays: given.missingAfterDays }, forces),
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
