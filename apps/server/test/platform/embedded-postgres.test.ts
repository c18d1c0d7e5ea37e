// The embedded database: alone in its folder, durable by its settings, and gone when its owner is.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { silentLog } from "../../src/platform/log.ts";
import {
  startEmbeddedPostgres,
  type EmbeddedPostgres,
} from "../../src/platform/postgres/embedded-postgres.ts";

const module = new URL("../../src/platform/postgres/embedded-postgres.ts", import.meta.url).href;
const logModule = new URL("../../src/platform/log.ts", import.meta.url).href;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "sworn-embedded-"));
  chmodSync(folder, 0o711);
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

async function ask(server: EmbeddedPostgres, text: string): Promise<Record<string, unknown>[]> {
  const client = new Client(server.administrator);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}

function runs(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return !readFileSync(`/proc/${processId.toString()}/stat`, "utf8").includes(") Z ");
  } catch {
    return false;
  }
}

/** A process of its own that owns a server; killed with -9 it cannot clean up. */
async function owner(
  dataFolder: string,
): Promise<{ processId: number; postmasterPid: number; die(): Promise<void> }> {
  const script = `
    const { startEmbeddedPostgres } = await import(${JSON.stringify(module)});
    const { silentLog } = await import(${JSON.stringify(logModule)});
    const server = await startEmbeddedPostgres({ dataFolder: ${JSON.stringify(dataFolder)}, log: silentLog });
    console.log(server.postmasterPid);
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
    cwd: fileURLToPath(new URL("../..", import.meta.url)),
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
  return {
    processId: child.pid ?? 0,
    postmasterPid: Number(line),
    async die() {
      child.kill("SIGKILL");
      await once(child, "exit");
    },
  };
}

describe.each(["machine", "package"] as const)("with the programs of the %s", (programs) => {
  it("syncs, listens on no network, and keeps its data from one start to the next", async (context) => {
    const dataFolder = join(folder, programs);
    const first = await startEmbeddedPostgres({ dataFolder, log: silentLog, programs }).catch(
      (error: unknown) => {
        if (error instanceof Error && "code" in error && error.code === "postgres-not-found") return null;
        throw error;
      },
    );
    if (first === null) return context.skip(`no PostgreSQL of the ${programs} here`);
    const settings = await ask(
      first,
      `select name, setting from pg_settings where name in
       ('fsync', 'full_page_writes', 'synchronous_commit', 'listen_addresses', 'data_checksums') order by name`,
    );
    expect(Object.fromEntries(settings.map((row) => [row["name"], row["setting"]]))).toEqual({
      data_checksums: "on",
      fsync: "on",
      full_page_writes: "on",
      listen_addresses: "",
      synchronous_commit: "on",
    });
    expect(Buffer.byteLength(`${first.administrator.host}/.s.PGSQL.5432`)).toBeLessThanOrEqual(107);
    await ask(first, "create table kept as select 42 as answer");
    await first.stop();
    expect(runs(first.postmasterPid)).toBe(false);
    expect(existsSync(first.administrator.host)).toBe(false);

    const again = await startEmbeddedPostgres({ dataFolder, log: silentLog, programs });
    expect(await ask(again, "select answer from kept")).toEqual([{ answer: 42 }]);
    await again.discard();
    expect(existsSync(dataFolder)).toBe(false);
  }, 60_000);
});

describe("one owner", () => {
  it("is refused a folder that another process runs, and gets it when that process was killed", async () => {
    const dataFolder = join(folder, "owned");
    const other = await owner(dataFolder);
    await expect(startEmbeddedPostgres({ dataFolder, log: silentLog })).rejects.toMatchObject({
      code: "folder-locked",
      message: expect.stringContaining("another running Sworn process") as string,
    });
    expect(runs(other.postmasterPid)).toBe(true);
    await other.die();
    const server = await startEmbeddedPostgres({ dataFolder, log: silentLog });
    expect(server.postmasterPid).not.toBe(other.postmasterPid);
    await server.stop();
  }, 60_000);

  it("takes its database along when it is killed", async () => {
    const killed = await owner(join(folder, "owned"));
    await killed.die();
    await vi.waitFor(() => expect(runs(killed.postmasterPid)).toBe(false), { timeout: 10_000 });
  }, 60_000);

  it("ends an orphan whose watcher was killed too, and starts after a kill of everything", async () => {
    const dataFolder = join(folder, "owned");
    const orphaned = await owner(dataFolder);
    const watcher = execFileSync("ps", ["-o", "ppid=", "-p", orphaned.postmasterPid.toString()], {
      encoding: "utf8",
    });
    const children = execFileSync("ps", ["-o", "pid=,comm=", "--ppid", watcher.trim()], { encoding: "utf8" });
    for (const line of children.trim().split("\n")) {
      const [processId, command] = line.trim().split(/\s+/);
      if (command === "sh") process.kill(Number(processId), "SIGKILL");
    }
    process.kill(Number(watcher), "SIGKILL");
    await orphaned.die();
    expect(runs(orphaned.postmasterPid)).toBe(true);
    const server = await startEmbeddedPostgres({ dataFolder, log: silentLog });
    expect(runs(orphaned.postmasterPid)).toBe(false);
    await ask(server, "create table after_crash as select 1 as one");

    process.kill(server.postmasterPid, "SIGKILL");
    expect(await server.ended).toEqual({ wanted: false });
    await server.stop();
    const last = await startEmbeddedPostgres({ dataFolder, log: silentLog });
    expect(await ask(last, "select one from after_crash")).toEqual([{ one: 1 }]);
    await last.stop();
  }, 60_000);

  it("is not fooled by a process id that is someone else's now", async () => {
    const dataFolder = join(folder, "owned");
    const { home } = JSON.parse(readFileSync(join(dataFolder, "location.json"), "utf8")) as { home: string };
    const cluster = join(home, "cluster");
    writeFileSync(
      join(cluster, "postmaster.pid"),
      `${process.ppid.toString()}\n${cluster}\n1\n5432\n/tmp/x\n\n\nready\n`,
    );
    const server = await startEmbeddedPostgres({ dataFolder, log: silentLog });
    expect(runs(process.ppid)).toBe(true);
    await server.stop();
  }, 60_000);

  it("never begins an empty database in place of one that is gone", async () => {
    const dataFolder = join(folder, "owned");
    const { home } = JSON.parse(readFileSync(join(dataFolder, "location.json"), "utf8")) as { home: string };
    rmSync(join(home, "cluster"), { recursive: true });
    await expect(startEmbeddedPostgres({ dataFolder, log: silentLog })).rejects.toMatchObject({
      code: "data-folder-unusable",
    });
  });
});
