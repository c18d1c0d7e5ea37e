// A private PostgreSQL server for one Sworn process: on a unix socket only, fsync always on, one owner at a time.
// It never outlives its owner: a watcher holds the other end of a pipe and shuts it down when the owner dies,
// and whatever that misses (both killed at once) the next start ends or recovers.
import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, openSync, statSync } from "node:fs";
import { readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { lockFolder } from "../folder-lock.ts";
import type { Log } from "../log.ts";
import { PlatformError } from "../platform-error.ts";
import { findPostgres, type PostgresBinaries } from "./binaries.ts";
import { locateCluster, rememberCluster, removeCluster } from "./cluster-location.ts";
import { makeCluster } from "./make-cluster.ts";
import { endOrphans, readPostmaster } from "./postmaster.ts";
import { makeSocketFolder } from "./socket-folder.ts";
import { asUser, findSystemUser, type SystemUser } from "./system-user.ts";

/** How to reach a database; `host` is the socket's folder. */
export interface PostgresConnection {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
}

export interface EmbeddedPostgres {
  /** As the cluster's superuser, to the database `postgres`. Only for migrations and for making databases. */
  readonly administrator: PostgresConnection;
  readonly version: string;
  readonly postmasterPid: number;
  /** Resolves when the server has ended, with whether `stop` had been asked for. */
  readonly ended: Promise<{ wanted: boolean }>;
  /** Shuts down, waits for it, and gives the folder up. */
  stop(): Promise<void>;
  /** Stops and removes all data of the cluster, wherever it lies. */
  discard(): Promise<void>;
}

export interface EmbeddedPostgresOptions {
  /** Absolute path of a folder for this cluster alone; made when missing. */
  dataFolder: string;
  log: Log;
  /** Where to look for programs, as PATH is written; the usual folders unless given. */
  searchPath?: string | undefined;
  /** Programs to use, for tests; otherwise the machine's own come first. */
  programs?: PostgresBinaries["source"];
  /** A cluster to copy instead of making one; it must have been made by the same programs. */
  template?: (binaries: PostgresBinaries, user: SystemUser) => Promise<string>;
}

export const superuser = "sworn_admin";
const port = 5432;

// $@ is the server. The subshell waits for the owner's end of the pipe to close, then asks for a fast shutdown.
const watcher = `
exec 3<&0
"$@" </dev/null 3<&- &
server=$!
( read -r line <&3; kill -INT "$server" ) >/dev/null 2>&1 &
watcher=$!
exec 3<&- </dev/null
wait "$server"
status=$?
kill "$watcher" 2>/dev/null
exit "$status"
`;

function serverArguments(cluster: string, socketFolder: string): string[] {
  const settings = {
    listen_addresses: "",
    unix_socket_directories: socketFolder,
    unix_socket_permissions: "0700",
    port: port.toString(),
    fsync: "on",
    full_page_writes: "on",
    synchronous_commit: "on",
    max_connections: "100",
    // Statements and details of errors hold personal data; the log has none.
    log_statement: "none",
    log_min_error_statement: "panic",
    log_min_messages: "fatal",
    log_error_verbosity: "terse",
    log_timezone: "UTC",
    timezone: "UTC",
  };
  return ["-D", cluster, ...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`])];
}

async function lastLines(path: string): Promise<string> {
  const text = await readFile(path, "utf8").catch(() => "");
  return text.trimEnd().split("\n").slice(-5).join(" / ");
}

async function openLogFile(path: string): Promise<number> {
  let sizeBytes = 0;
  try {
    sizeBytes = statSync(path).size;
  } catch {
    // There is none yet.
  }
  if (sizeBytes > 5_000_000) await rename(path, `${path}.1`);
  return openSync(path, "a", 0o600);
}

async function untilReady(cluster: string, child: ChildProcess, logPath: string): Promise<number> {
  const limitMs = performance.now() + 120_000;
  while (child.exitCode === null && child.signalCode === null && performance.now() < limitMs) {
    const status = await readPostmaster(cluster);
    if (status?.ready === true) return status.processId;
    await wait(10);
  }
  throw new PlatformError(
    "postgres-failed",
    `The embedded PostgreSQL did not start. Its log, ${logPath}, ends: ${await lastLines(logPath)}`,
  );
}

/** Starts the cluster of a folder, making it first when there is none. Throws `PlatformError`. */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { dataFolder, log } = options;
  const user = await findSystemUser();
  const location = await locateCluster(dataFolder, user, log);
  const { cluster, home } = location;
  const lock = await lockFolder(dataFolder, "postgres");
  let socketFolder: string | undefined;
  try {
    const made = location.exists ? Number(await readFile(join(cluster, "PG_VERSION"), "utf8")) : undefined;
    const binaries = await findPostgres({
      user,
      copyTo: home,
      searchPath: options.searchPath,
      ...(made === undefined ? {} : { majorVersion: made }),
      ...(options.programs === undefined ? {} : { only: options.programs }),
    });
    if (location.exists) await endOrphans(cluster, log);
    else await makeCluster({ location, binaries, user, superuser, template: options.template });
    await rememberCluster(dataFolder, location);

    socketFolder = await makeSocketFolder(cluster, user, port);
    const logPath = join(home, "postgres.log");
    const logFile = await openLogFile(logPath);
    // Its own session: an interrupt typed at the terminal must reach us first, and the server through us.
    const child = spawn(
      "/bin/sh",
      ["-c", watcher, "sh", binaries.postgres, ...serverArguments(cluster, socketFolder)],
      {
        cwd: home,
        detached: true,
        stdio: ["pipe", logFile, logFile],
        env: { ...binaries.environment, PATH: "/usr/bin:/bin", LC_ALL: "C", TZ: "UTC" },
        ...asUser(user),
      },
    );
    closeSync(logFile);
    let wanted = false;
    const ended = new Promise<{ wanted: boolean }>((resolve) => {
      child.once("exit", () => {
        resolve({ wanted });
      });
      child.once("error", () => {
        resolve({ wanted });
      });
    });
    const postmasterPid = await untilReady(cluster, child, logPath).catch((cause: unknown) => {
      child.stdin?.destroy();
      throw cause;
    });
    child.unref();
    if (child.stdin !== null && "unref" in child.stdin) (child.stdin as unknown as { unref(): void }).unref();
    log.info("embedded database started", {
      version: binaries.version,
      source: binaries.source,
      postmasterPid,
    });

    const sockets = socketFolder;
    let stopping: Promise<void> | undefined;
    const shutDown = async (): Promise<void> => {
      wanted = true;
      child.ref();
      child.stdin?.destroy();
      const late = setTimeout(() => {
        log.warn("the database is slow to stop; it is told to stop at once and recovers at the next start");
        try {
          process.kill(postmasterPid, "SIGQUIT");
        } catch {
          // It ended in the meantime.
        }
      }, 20_000);
      await ended;
      clearTimeout(late);
      await rm(sockets, { recursive: true, force: true });
      await lock.release();
    };
    const stop = (): Promise<void> => (stopping ??= shutDown());
    return {
      administrator: { host: sockets, port, user: superuser, database: "postgres" },
      version: binaries.version,
      postmasterPid,
      ended,
      stop,
      async discard() {
        await stop();
        await removeCluster(dataFolder);
      },
    };
  } catch (cause) {
    if (socketFolder !== undefined) await rm(socketFolder, { recursive: true, force: true });
    await lock.release();
    throw cause;
  }
}
