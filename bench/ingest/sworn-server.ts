// The contestant: the whole server as it is deployed, with its own PostgreSQL, all on the bench's place. Its CPU time and
// memory include the database's.
import { readFile, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { readConfiguration, silentLog, startServer, systemClock } from "@sworn/server";
import type { ContestantGiven, Measures, Running } from "../harness/bench.ts";
import { startChild } from "../harness/child.ts";
import { peakMemoryOf } from "../harness/process-usage.ts";
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
  const isProbed = settings["isProbed"] === true;
  const dataFolder = join(folder, "data");
  const server = await startServer(readConfiguration({}, { port: 0, dataFolder }), {
    clock: systemClock,
    log: silentLog,
    purpose: "test",
  });
  const sender = startChild(new URL("sworn-sender.ts", import.meta.url));
  const key = await sender.call("found", { url: server.url, code: server.firstSetupCode });
  const prober = startChild(new URL("api-prober.ts", import.meta.url));
  const postmaster = await postmasterOf(dataFolder);
  return {
    processes: () => [postmaster],
    async before() {
      await sender.call("prepare", load);
    },
    async round() {
      const loop = monitorEventLoopDelay({ resolution: 1 });
      loop.enable();
      if (isProbed) await prober.call("start", { url: server.url, key });
      const sent = (await sender.call("upload", load)) as Measures;
      const asked = isProbed ? ((await prober.call("stop")) as Measures) : {};
      loop.disable();
      return {
        ...sent,
        ...asked,
        loopP99Ms: loop.percentile(99) / 1e6,
        loopMaxMs: loop.max / 1e6,
        serverMemoryBytes: await peakMemoryOf([process.pid]),
      };
    },
    async after() {
      await forgetMedia(dataFolder);
    },
    async close() {
      await prober.close();
      await sender.close();
      await server.discard();
    },
  };
}
