// sworn recover: rebuilds the database of a stopped server from what lies beside it.
import type { ForceRecovery, RecoverProgress, RecoverReport } from "@sworn/server";
import { resolve } from "node:path";
import { EXIT_NO } from "../exit.ts";
import { shown, table, type Output } from "../output.ts";
import { addCommand, type AddCommand } from "../settle-command.ts";
import type { World } from "../world.ts";

interface Options {
  data?: string;
  dryRun?: boolean;
}

const redrawMs = 200;

/** One line that is drawn again for a person who watches. */
function progressOf(world: World): (progress: RecoverProgress) => void {
  let drawnAtMs = 0;
  return ({ forceId, what, done, total }) => {
    if (!world.isWatched || performance.now() - drawnAtMs < redrawMs) return;
    drawnAtMs = performance.now();
    const line = `${forceId}: ${what}, ${done.toLocaleString("en-GB")} of ${total.toLocaleString("en-GB")}`;
    world.stderr.write(`\r\u001B[K${line.slice(0, world.columns - 1)}`);
  };
}

const outcomes = {
  level: "nothing was missing",
  replayed: "brought up to its log",
  rebuilt: "rebuilt from its log",
} as const;

function rowsText({ rows }: ForceRecovery): string {
  const written = Object.entries(rows).sort(([a], [b]) => a.localeCompare(b));
  return written.map(([name, count]) => `${count.toLocaleString("en-GB")} ${name}`).join(", ") || "none";
}

function show(output: Output, report: RecoverReport): void {
  const lines = report.forces.map((force) => [
    ...[force.forceId, outcomes[force.outcome], force.entries.toLocaleString("en-GB"), rowsText(force)],
  ]);
  for (const line of table(["force", "outcome", "ledger entries", "changes written again"], lines))
    output.say(line);
  for (const { forceId, problems } of report.forces)
    for (const problem of problems) output.say(`PROBLEM  ${forceId}: ${shown(problem)}`);
  if (report.isDryRun) output.say("Nothing was changed: this was a dry run.");
}

export const addRecover: AddCommand = (parent, world) => {
  addCommand<Options>(parent, world, {
    usage: "recover",
    summary: "rebuild the database from what lies beside it",
    about:
      "Works on the data folder of a stopped server. After a backup of the database was restored, or the database was lost,\n" +
      "it brings every row up to the logs in the data folder. Cut off, it goes on when it is run again.\n" +
      "Ends with 0 where everything is there again, with 1 where something is missing or damaged and named, with 3 if it could not run.",
    example: "sworn recover --data /var/lib/sworn --dry-run",
    declare: (command) =>
      command
        .option("--data <folder>", "the data folder (SWORN_DATA_FOLDER; .sworn here)")
        .option("--dry-run", "say what would be done, and change nothing"),
    async run({ options, output }) {
      const folder = options.data ?? world.environment["SWORN_DATA_FOLDER"] ?? ".sworn";
      const databaseUrl = world.environment["DATABASE_URL"];
      const searchPath = world.environment["PATH"];
      const server = await import("@sworn/server");
      const report = await server.recoverStoredData(
        {
          dataFolder: resolve(world.folder, folder),
          databaseUrl: databaseUrl === undefined || databaseUrl === "" ? null : databaseUrl,
        },
        {
          ...{ clock: server.systemClock, log: server.silentLog, isDryRun: options.dryRun === true },
          onProgress: progressOf(world),
          ...(searchPath === undefined ? {} : { searchPath }),
        },
      );
      if (world.isWatched) world.stderr.write("\r\u001B[K");
      output.json(report);
      show(output, report);
      if (report.isWhole) return;
      // Not thrown: with --json the report is the one value, and it says what is missing.
      output.note("sworn: not everything is whole. Run “sworn fsck --level 4” to see what it touches.");
      process.exitCode = EXIT_NO;
    },
  });
};
