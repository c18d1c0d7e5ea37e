// The contestant: the whole server as it is deployed, with its own PostgreSQL, all on the bench's place. Its CPU time and
// memory include the database's.
import { readFile, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { readConfiguration, silentLog, startServer, systemClock } from "@sworn/server";
import type { ContestantGiven, Measures, Running } from "../harness/bench.ts";
import { startChild } from "../harness/child.ts";
import { loadOf } from "./upload-load.ts";

/** PostgreSQL's first process, from which all others of it descend. */
export async function postmasterOf(dataFolder: string): Promise<number> {
  for (const name of await readdir(join(dataFolder, "postgres"), { recursive: true })) {
    if (!name.endsWith("postmaster.pid")) continue;
    return Number((await readFile(join(dataFolder, "postgres", name), "utf8")).split("\n")[0]);
  }
  return 0;
}

/** The stored media of former rounds: nobody asks for them again, and a tmpfs is memory. */
async function forgetMedia(dataFolder: string): Promise<void> {
  const objects = join(dataFolder, "objects");
  for (const name of await readdir(objects, { recursive: true })) {
    if (/part-\d+$/.test(name) && name.includes("media")) await rm(join(objects, name), { force: true });
  }
}

export async function open({ folder, quick, settings }: ContestantGiven): Promise<Running> {
  const load = loadOf(settings, quick);
  const dataFolder = join(folder, "data");
  const server = await startServer(readConfiguration({}, { port: 0, dataFolder }), {
    clock: systemClock,
    log: silentLog,
    purpose: "test",
  });
  const sender = startChild(new URL("sworn-sender.ts", import.meta.url));
  await sender.call("found", { url: server.url, code: server.firstSetupCode });
  const postmaster = await postmasterOf(dataFolder);
  return {
    processes: () => [postmaster],
    async before() {
      await sender.call("prepare", load);
    },
    async round() {
      return (await sender.call("upload", load)) as Measures;
    },
    async after() {
      await forgetMedia(dataFolder);
    },
    async close() {
      await sender.close();
      await server.discard();
    },
  };
}
