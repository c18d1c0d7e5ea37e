// sworn serve: the server, until Ctrl-C.
import type { Configuration, LogLevel } from "@sworn/server";
import { CliError } from "../exit.ts";
import { addCommand, type AddCommand } from "../settle-command.ts";

interface Options {
  data?: string;
  host?: string;
  port?: string;
  logLevel?: string;
}

const levels: readonly string[] = ["debug", "info", "warn", "error"];

function flagsOf(options: Options): Partial<Configuration> {
  const port = options.port === undefined ? null : Number(options.port);
  if (port !== null && !(Number.isInteger(port) && port >= 0 && port <= 65_535)) {
    throw new CliError("wrong-usage", "--port must be a whole number from 0 to 65535.");
  }
  if (options.logLevel !== undefined && !levels.includes(options.logLevel)) {
    throw new CliError("wrong-usage", `--log-level must be one of ${levels.join(", ")}.`);
  }
  return {
    ...(options.data === undefined ? {} : { dataFolder: options.data }),
    ...(options.host === undefined ? {} : { host: options.host }),
    ...(port === null ? {} : { port }),
    ...(options.logLevel === undefined ? {} : { logLevel: options.logLevel as LogLevel }),
  };
}

export const addServe: AddCommand = (parent, world) => {
  addCommand<Options>(parent, world, {
    usage: "serve",
    summary: "run the server until Ctrl-C",
    about:
      "Keeps everything in one data folder with a PostgreSQL of its own; DATABASE_URL names another. " +
      "At the first start it shows a one-time code for “sworn setup”. docs/reference/configuration.md has all settings.",
    example: "sworn serve --data /var/lib/sworn --port 8014",
    declare: (command) =>
      command
        .option("--data <folder>", "the data folder (SWORN_DATA_FOLDER; .sworn here)")
        .option("--host <address>", "where to listen (SWORN_HOST; 127.0.0.1)")
        .option("--port <number>", "the port, 0 for a free one (SWORN_PORT; 8014)")
        .option("--log-level <level>", "debug, info, warn or error (SWORN_LOG_LEVEL; info)"),
    async run({ options, output }) {
      // Loaded here, so that the other commands start without the server's code.
      const { serve } = await import("@sworn/server");
      await serve({
        environment: world.environment,
        flags: flagsOf(options),
        onStarted: ({ url, dataFolder, firstSetupCode }) => {
          output.json({ url, dataFolder, setupCode: firstSetupCode });
        },
      });
    },
  });
};
