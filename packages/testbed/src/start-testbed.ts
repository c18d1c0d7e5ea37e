// The whole network in one process, for tests and the demo: a server with its database, forces with boroughs and
// people, docks, and headless cameras. Nothing in it is mocked: everything speaks HTTP and lies on the disk as it would.
import { staffClient } from "@sworn/client";
import {
  type Configuration,
  type DataFolderPurpose,
  type Log,
  type MovableClock,
  type RunningServer,
  movableClock,
  readConfiguration,
  silentLog,
  startServer,
} from "@sworn/server";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type ForceToFound, type TestbedForce, foundForce } from "./found-force.ts";

export interface TestbedOptions {
  /** Absolute path; becomes the server's data folder, with cameras and docks beside the server's own folders. */
  readonly folder: string;
  readonly purpose: Exclude<DataFolderPurpose, "real">;
  readonly forces: readonly ForceToFound[];
  /** Moved by whoever runs the testbed; running from now unless given. */
  readonly clock?: MovableClock;
  readonly log?: Log;
  /** What is to differ from the defaults; a free port unless given. */
  readonly configuration?: Partial<Configuration>;
  /** Where PostgreSQL's programs are looked for, as PATH is written. */
  readonly searchPath?: string;
}

export interface Testbed {
  readonly server: RunningServer;
  readonly clock: MovableClock;
  readonly forces: readonly TestbedForce[];
  /** Stops the cameras and the server; the folder stays as it is. */
  stop(): Promise<void>;
  /** Stops, and removes everything. */
  discard(): Promise<void>;
}

export async function startTestbed(options: TestbedOptions): Promise<Testbed> {
  const { folder, purpose, clock = movableClock(), log = silentLog } = options;
  const configuration = readConfiguration({}, { port: 0, dataFolder: folder, ...options.configuration });
  const { searchPath } = options;
  const server = await startServer(configuration, {
    ...{ clock, log, purpose },
    ...(searchPath === undefined ? {} : { searchPath }),
  });
  const forces: TestbedForce[] = [];
  const stopCameras = async (): Promise<void> => {
    for (const force of forces) await force.close();
  };
  try {
    await mkdir(join(folder, "cameras"), { recursive: true, mode: 0o700 });
    await mkdir(join(folder, "docks"), { recursive: true, mode: 0o700 });
    for (const force of options.forces) {
      const code = await server.issueSetupCode();
      forces.push(await foundForce(force, { server: server.url, folder, clock, code }));
    }
  } catch (cause) {
    await stopCameras();
    await server.stop();
    throw cause;
  }
  return {
    ...{ server, clock, forces },
    async stop() {
      await stopCameras();
      await server.stop();
    },
    async discard() {
      await stopCameras();
      await server.discard();
    },
  };
}

/** One more person of a force, with a key of their own. */
export async function addColleague(
  force: TestbedForce,
  person: { readonly name: string; readonly administrator?: boolean },
): Promise<ReturnType<typeof staffClient>> {
  const added = await force.staff.addPerson(person);
  const { secret } = await force.staff.issueApiKey({ personId: added.id, label: "testbed" });
  return staffClient({ server: force.staff.api.server, apiKey: secret });
}
