// A force's world on a database of its own, whose rows a test can compare, copy and put back as an operator would.
import { Client } from "pg";
import { type TestDatabase, startTestDatabase } from "../apps/server/test/platform/test-database.ts";

/** Begun again after a recovery, or a log of the machinery's own. */
const notKept = new Set([
  ...["change", "change_head", "ledger_head", "upload", "docking_session", "play", "poster_view"],
  ...["setup_code", "job_run", "job_schedule"],
]);

export interface RowDatabase {
  /** As `DATABASE_URL` is written. */
  readonly url: string;
  /** Each table's rows as text, in order: what a recovery must bring back to the last bit. */
  rows(): Promise<Record<string, string[]>>;
  query(text: string): Promise<Record<string, unknown>[]>;
  /** Keeps the database as it is now, under another name. */
  save(name: string): Promise<void>;
  /** Puts a saved one in its place, or an empty one. Nobody may be connected. */
  restore(name: string | null): Promise<void>;
  stop(): Promise<void>;
}

export async function startRowDatabase(): Promise<RowDatabase> {
  const test: TestDatabase = await startTestDatabase({ migrated: false });
  await test.database.close();
  const { host, port, user, database } = test.source.administrator as Record<string, string | number>;
  const to = (name: string): ConstructorParameters<typeof Client>[0] => ({
    host: String(host),
    port: Number(port),
    user: String(user),
    database: name,
  });
  const within = async <T>(name: string, work: (client: Client) => Promise<T>): Promise<T> => {
    const client = new Client(to(name));
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  };
  const name = `${String(database)}_rows`;
  const saved: string[] = [];
  const server = <T>(work: (client: Client) => Promise<T>): Promise<T> => within("postgres", work);
  await server((client) => client.query(`create database ${name}`));
  return {
    url: `postgres://${String(user)}@${encodeURIComponent(String(host))}:${String(port)}/${name}`,
    rows: () =>
      within(name, async (client) => {
        await client.query("set timezone = 'UTC'");
        const tables = await client.query<{ name: string }>(
          "select relname as name from pg_class where relnamespace = 'sworn'::regnamespace and relkind = 'r' order by 1",
        );
        const all: Record<string, string[]> = {};
        for (const { name: table } of tables.rows) {
          if (notKept.has(table)) continue;
          const found = await client.query<{ row: string }>(
            `select to_jsonb(t)::text as row from sworn.${table} t order by 1`,
          );
          all[table] = found.rows.map(({ row }) => row);
        }
        return all;
      }),
    query: (text) => within(name, async (client) => (await client.query<Record<string, unknown>>(text)).rows),
    async save(as) {
      saved.push(`${name}_${as}`);
      await server((client) => client.query(`create database ${name}_${as} template ${name}`));
    },
    async restore(from) {
      await server((client) => client.query(`drop database ${name} with (force)`));
      const template = from === null ? "" : `template ${name}_${from}`;
      await server((client) => client.query(`create database ${name} ${template}`));
    },
    async stop() {
      for (const each of [name, ...saved]) {
        await server((client) => client.query(`drop database if exists ${each} with (force)`));
      }
      await test.stop();
    },
  };
}
