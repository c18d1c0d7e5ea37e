// Runs a server until it is told to stop. A second signal while it stops ends it at once.
import { systemClock } from "./platform/clock.ts";
import { readConfiguration, type Configuration } from "./platform/configuration.ts";
import { createLog } from "./platform/log.ts";
import { startServer, type RunningServer } from "./start-server.ts";

/** Variables that other programs of the house read: the command line and cameras. */
const ofOtherPrograms: ReadonlySet<string> = new Set([
  ...["SWORN_URL", "SWORN_API_KEY", "SWORN_KEY_FILE"],
  ...["SWORN_ENCODER", "SWORN_FFMPEG"],
]);

/** Serves until SIGINT, SIGTERM or SIGHUP. Throws `PlatformError` and others with a message for the operator. */
export async function serve(given: {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly flags?: Partial<Configuration>;
  /** Once it listens. */
  readonly onStarted?: (server: RunningServer) => void;
}): Promise<void> {
  const environment = Object.entries(given.environment).filter(([name]) => !ofOtherPrograms.has(name));
  const configuration = readConfiguration(Object.fromEntries(environment), given.flags);
  const log = createLog({ level: configuration.logLevel, clock: systemClock });
  const signalled = untilSignal();
  const searchPath = given.environment["PATH"];
  const server = await startServer(configuration, {
    ...{ clock: systemClock, log, purpose: "real" },
    ...(searchPath === undefined ? {} : { searchPath }),
  });
  log.info("listening", { url: server.url, dataFolder: server.dataFolder });
  if (server.firstSetupCode !== null) tellSetupCode(server, server.firstSetupCode);
  given.onStarted?.(server);
  const signal = await signalled;
  log.info("stopping", { signal });
  process.once("SIGINT", () => process.exit(130));
  await server.stop();
  log.info("stopped");
}

// Not through the log: it hides secrets, and this one is for the operator's eyes, once.
function tellSetupCode(server: RunningServer, code: string): void {
  process.stderr.write(
    `\n  One-time set-up code, good for an hour:  ${code}\n` +
      `  Found a force and get its first API key, in another terminal:\n` +
      `    npx sworn setup --url ${server.url} --code ${code} --force "My Force" --person "My Name"\n\n`,
  );
}

function untilSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      process.once(signal, () => {
        resolve(signal);
      });
    }
  });
}
