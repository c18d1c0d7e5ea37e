// Power cuts of PostgreSQL's data folder: the embedded server, as Sworn starts it, with its cluster on the file system that
// is cut. A row is acknowledged when its commit returned; after the cut and the recovery it must be there, whole.
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import pg from "pg";
import { silentLog } from "@sworn/server";
import {
  type EmbeddedPostgres,
  startEmbeddedPostgres,
} from "../../apps/server/src/platform/postgres/embedded-postgres.ts";
import { BrokenPromise } from "../faults/acknowledgements.ts";
import { seeded } from "../faults/seeded.ts";
import { LoopVolume } from "./loop-volume.ts";
import { bytesOf } from "./vault-acts.ts";
import type { CutOptions, CutReport } from "./vault-cuts.ts";

const BODY_BYTES = 3_000;

async function connect({ administrator }: EmbeddedPostgres): Promise<pg.Client> {
  const client = new pg.Client({ ...administrator });
  // The power cut breaks it.
  client.on("error", () => undefined);
  await client.connect();
  return client;
}

/** Inserts rows one after the other until the connection breaks or `most` are in, naming each after its commit. */
async function insert(client: pg.Client, first: number, most: number, told: Set<number>): Promise<void> {
  for (let id = first; id < first + most; id += 1) {
    try {
      await client.query("insert into kept (id, body) values ($1, $2)", [
        id,
        bytesOf(`row ${id.toString()}`, BODY_BYTES),
      ]);
    } catch {
      return;
    }
    told.add(id);
  }
}

async function checkRows(client: pg.Client, told: ReadonlySet<number>): Promise<number> {
  const { rows } = await client.query<{ id: number; body: Buffer }>("select id, body from kept order by id");
  const found = new Set<number>();
  for (const { id, body } of rows) {
    if (!body.equals(bytesOf(`row ${id.toString()}`, BODY_BYTES)))
      throw new BrokenPromise(`row ${id.toString()} has other bytes`);
    found.add(id);
  }
  for (const id of told)
    if (!found.has(id)) throw new BrokenPromise(`row ${id.toString()} was acknowledged and is lost`);
  return Math.max(0, ...found);
}

/** @throws BrokenPromise at the first cut that loses what was acknowledged. */
export async function postgresCuts({ cuts, seed, onCut }: CutOptions): Promise<CutReport> {
  const random = seeded(seed);
  const volume = await LoopVolume.make(1024 * 1024 * 1024);
  const dataFolder = join(volume.mount, "postgres");
  const start = (): Promise<EmbeddedPostgres> => startEmbeddedPostgres({ dataFolder, log: silentLog });
  const told = new Set<number>();
  let postgres: EmbeddedPostgres | undefined;
  try {
    postgres = await start();
    let client = await connect(postgres);
    await client.query("create table kept (id integer primary key, body bytea not null)");
    let last = 0;
    for (let at = 1; at <= cuts; at += 1) {
      const inTheMidst = at % 3 === 0;
      if (inTheMidst) {
        const inserting = insert(client, last + 1, 100_000, told);
        await wait(random.next() * 200);
        await volume.cutPower();
        await end(postgres);
        await inserting;
      } else {
        await insert(client, last + 1, 1 + random.below(4), told);
        await volume.cutPower();
        await end(postgres);
      }
      await client.end().catch(() => undefined);
      await volume.unplug();
      await volume.plugIn();
      postgres = await start();
      client = await connect(postgres);
      last = await checkRows(client, told);
      onCut?.(
        `postgres cut ${at.toString()}${inTheMidst ? ", in the midst" : ""}: ${told.size.toString()} rows hold`,
      );
    }
    await client.end();
    await postgres.stop();
    postgres = undefined;
    return { cuts, acknowledged: told.size };
  } finally {
    if (postgres !== undefined) await end(postgres);
    volume.discardNow();
  }
}

/** Without power it cannot end in order: it is told to drop everything. */
async function end(postgres: EmbeddedPostgres): Promise<void> {
  try {
    process.kill(postgres.postmasterPid, "SIGQUIT");
  } catch {
    // It panicked by itself when it could not write.
  }
  await postgres.stop();
}
