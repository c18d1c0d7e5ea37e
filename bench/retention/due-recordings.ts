// The contestant: a force with so many recordings due. A round plans over all of them, and runs until it has destroyed a
// fixed number: the time of each must not depend on how many there are.
import { randomBytes } from "node:crypto";
import { parseId } from "@sworn/custody";
import { silentLog, systemClock } from "@sworn/server";
import type { RecordingId } from "@sworn/contract";
import { Client } from "pg";
import { recordFinding } from "../../apps/server/src/findings/index.ts";
import {
  defaultSettings,
  keyIdOf,
  planRetention,
  runRetention,
  type RetentionPorts,
} from "../../apps/server/src/retention/index.ts";
import type { ContestantGiven, Running } from "../harness/bench.ts";
import { peakMemoryOf } from "../harness/process-usage.ts";
import { openServerParts, type ServerParts } from "../ledger/server-parts.ts";

const dayMs = 86_400_000;

interface Settings {
  readonly due: number;
  /** Recordings that a round destroys. */
  readonly destroyed: number;
}

/** As ingest leaves them, collected so many days ago, a millisecond apart. Gives their ids. */
async function insertDue(
  client: Client,
  given: { readonly forceId: string; readonly count: number; readonly daysAgo: number },
): Promise<string[]> {
  const { forceId, count, daysAgo } = given;
  const at = new Date(Date.now() - daysAgo * dayMs);
  // Without the triggers: what is made up here is no change to be kept.
  await client.query("set session_replication_role = replica");
  const { rows } = await client.query<{ id: string }>(
    `insert into sworn.recording (id, force_id, state, format, verdict, identity, clock, duration_ms, class,
       recorded_start_at, recorded_end_at, received_at, object_key, created_at)
     select t.id, $1::uuid, 'collected', 'cmaf', 'verified', sha256(convert_to(t.id::text, 'UTF8')), 'dock', 60000,
       'non-evidential', $2::timestamptz, $2::timestamptz + t.place * interval '1 millisecond', $2::timestamptz,
       $1::uuid::text || '/recordings/' || t.id || '/media', $2::timestamptz
     from (select gen_random_uuid() as id, place from generate_series(1, $3::int) as place) t
     returning id`,
    [forceId, at, count],
  );
  await client.query("set session_replication_role = origin");
  return rows.map(({ id }) => id);
}

function portsOf(parts: ServerParts, onDestroyed: () => void): RetentionPorts {
  const { platform, vault, ledger, authorities } = parts;
  return {
    ...{ database: platform.database, clock: systemClock, log: silentLog, ledger, objects: vault.store },
    keys: {
      get: (id) => vault.keys.get(id),
      async delete(id) {
        const destroyed = await vault.keys.delete(id);
        onDestroyed();
        return destroyed;
      },
    },
    serviceOf: async (forceId) => (await authorities.of(parseId(forceId))).service,
    tellFinding: (tx, { recordingId, ...finding }, foundAtMs) =>
      recordFinding(tx, { ...finding, recordingId: recordingId as RecordingId }, foundAtMs),
    settings: defaultSettings,
  };
}

export async function open({ folder, quick, settings }: ContestantGiven): Promise<Running> {
  const asked = settings as unknown as Settings;
  const due = quick ? 50 : asked.due;
  const wanted = quick ? 5 : asked.destroyed;
  const parts = await openServerParts(folder);
  const { forceId, vault } = parts;
  const client = new Client(parts.platform.databaseSource.administrator);
  await client.connect();
  for (let left = due; left > 0; left -= 1_000)
    await insertDue(client, { forceId, count: Math.min(left, 1_000), daysAgo: 40 });
  await client.query("analyze sworn.recording");
  let oldest = 100;

  async function destroySome(): Promise<number> {
    const enough = new AbortController();
    let destroyed = 0;
    const ports = portsOf(parts, () => {
      destroyed += 1;
      if (destroyed >= wanted) enough.abort();
    });
    try {
      await runRetention(ports, forceId, enough.signal);
    } catch (error) {
      if (!enough.signal.aborted) throw error;
    }
    return destroyed;
  }
  return {
    processes: () => [parts.postmaster],
    async before() {
      // Older than all that is there, so that these go first, with keys and objects that must go.
      for (const id of await insertDue(client, { forceId, count: wanted, daysAgo: oldest })) {
        await vault.keys.put(keyIdOf(id), randomBytes(32));
        await vault.store.putObject(`${forceId}/recordings/${id}/media`, randomBytes(500));
      }
      oldest += 1;
    },
    async round() {
      const startedAtMs = performance.now();
      const planned = await planRetention(
        portsOf(parts, () => undefined),
        { forceId, personId: null },
        7,
      );
      const plannedAtMs = performance.now();
      const destroyed = await destroySome();
      return {
        plannedPerSecond: planned.falling / ((plannedAtMs - startedAtMs) / 1_000),
        destroyedPerSecond: destroyed / ((performance.now() - plannedAtMs) / 1_000),
        serverMemoryBytes: await peakMemoryOf([process.pid]),
      };
    },
    async close() {
      await client.end();
      await parts.close();
    },
  };
}
