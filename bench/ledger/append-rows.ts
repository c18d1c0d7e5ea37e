// The peer, which is the limit: the same PostgreSQL taking rows of the same size, with as many transactions side by side
// and as many rows in each, by prepared statements of the bare driver. No ledger, no row-level security, one index.
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { readConfiguration, silentLog, systemClock } from "@sworn/server";
import { Pool } from "pg";
import { openPlatform } from "../../apps/server/src/platform/open-platform.ts";
import type { ContestantGiven, Running } from "../harness/bench.ts";
import { postmasterOf } from "../ingest/sworn-server.ts";
import { appendLoad, type AppendSettings } from "./append-load.ts";

const connections = 20;
/** Leaf and sealed entry of the bench's acts, and the event, times, ids and key's name beside them. */
const leafBytes = 67;
const restBytes = 490;

export async function open({ folder, quick, settings }: ContestantGiven): Promise<Running> {
  const { entries, entriesPerAct } = appendLoad(settings as unknown as AppendSettings, quick);
  const { atOnce } = settings as unknown as AppendSettings;
  const dataFolder = join(folder, "data");
  const configuration = readConfiguration({}, { port: 0, dataFolder });
  const platform = await openPlatform(configuration, {
    ...{ clock: systemClock, log: silentLog, purpose: "test" },
  });
  const pool = new Pool({ ...platform.databaseSource.administrator, max: connections });
  await pool.query(
    "create table public.bench_row (id bigint generated always as identity primary key, leaf bytea not null, rest bytea not null)",
  );
  const insert =
    entriesPerAct === 1
      ? "insert into public.bench_row (leaf, rest) values ($1, $2) returning id"
      : "insert into public.bench_row (leaf, rest) select * from unnest($1::bytea[], $2::bytea[]) returning id";

  async function act(): Promise<void> {
    const client = await pool.connect();
    const many = (bytes: number) => Array.from({ length: entriesPerAct }, () => randomBytes(bytes));
    const values =
      entriesPerAct === 1
        ? [randomBytes(leafBytes), randomBytes(restBytes)]
        : [many(leafBytes), many(restBytes)];
    try {
      await client.query("begin");
      await client.query({ name: "append", text: insert, values });
      await client.query("commit");
    } finally {
      client.release();
    }
  }

  const postmaster = await postmasterOf(dataFolder);
  return {
    processes: () => [postmaster],
    async round() {
      let left = entries;
      const work = async (): Promise<void> => {
        while (left > 0) {
          left -= entriesPerAct;
          await act();
        }
      };
      await Promise.all(Array.from({ length: atOnce }, work));
      return { operations: entries };
    },
    async close() {
      await pool.end();
      await platform.close();
    },
  };
}
