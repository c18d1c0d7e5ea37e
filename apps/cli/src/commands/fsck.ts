// sworn fsck: checks what a stopped server's data folder holds, from cheap to costly, and changes nothing.
import type { FsckLevel, FsckProgress, FsckReport, Problem } from "@sworn/server";
import { resolve } from "node:path";
import { CliError, EXIT_NO } from "../exit.ts";
import { bytesText, shown, table, type Output } from "../output.ts";
import { addCommand, type AddCommand } from "../settle-command.ts";
import type { World } from "../world.ts";

interface Options {
  data?: string;
  level?: string;
}

const signs = { damage: "DAMAGE ", warning: "warning", notice: "notice " } as const;
const redrawMs = 200;

function levelOf(text: string): FsckLevel {
  const level = Number(text);
  if (level === 1 || level === 2 || level === 3 || level === 4) return level;
  throw new CliError("wrong-usage", "--level must be 1, 2, 3 or 4.");
}

function problemLines({ severity, kind, message, advice, seconds }: Problem): string[] {
  const where = seconds === undefined ? "" : ` (${seconds.from.toFixed(1)} s to ${seconds.to.toFixed(1)} s)`;
  return [`${signs[severity]}  ${kind}: ${shown(message)}${where}`, `         ${advice}`];
}

/** One line that is drawn again for a person who watches, else one for each level. */
function progressOf(world: World, output: Output): (progress: FsckProgress) => void {
  let drawnAtMs = 0;
  let told: FsckLevel | null = null;
  return ({ level, what, checked, problems }) => {
    if (world.isWatched) {
      if (performance.now() - drawnAtMs < redrawMs) return;
      drawnAtMs = performance.now();
      const line = `level ${level.toString()}: ${checked.toLocaleString("en-GB")} ${what}, ${problems.toString()} problems`;
      world.stderr.write(`\r\u001B[K${line.slice(0, world.columns - 1)}`);
    } else if (told !== level) {
      told = level;
      output.note(`level ${level.toString()} …`);
    }
  };
}

function costs(
  report: FsckReport,
  titles: Readonly<Record<FsckLevel, { title: string; keys: string }>>,
): string[] {
  const rows = report.levels.map(({ level, checked, bytesRead, seconds }) => [
    ...[level, titles[level].title, bytesText(bytesRead), titles[level].keys, `${seconds.toFixed(1)} s`],
    Object.entries(checked)
      .map(([what, count]) => `${count.toLocaleString("en-GB")} ${what}`)
      .join(", "),
  ]);
  return table(["level", "what", "read", "keys", "took", "looked at"], rows);
}

function show(output: Output, report: FsckReport): void {
  for (const problem of report.problems.flatMap(problemLines)) output.say(problem);
  if (report.unlisted > 0) output.say(`and ${report.unlisted.toLocaleString("en-GB")} more.`);
  if (report.problems.length > 0) output.say();
}

export const addFsck: AddCommand = (parent, world) => {
  addCommand<Options>(parent, world, {
    usage: "fsck",
    summary: "check what the server has stored",
    about:
      "Works on the data folder of a stopped server and changes nothing in it. Levels, each with those before it:\n" +
      "  1  presence and lengths of objects and keys: reads names only\n" +
      "  2  every stored byte against its hash: needs no footage keys\n" +
      "  3  every byte of media decrypted against its hash: needs their keys\n" +
      "  4  journals, signatures and the ledger against each other and the database\n" +
      "Ends with 0 where nothing is wrong (a notice is nothing wrong), with 1 where something is, with 3 if it could not run.",
    example: "sworn fsck --data /var/lib/sworn --level 2",
    declare: (command) =>
      command
        .option("--data <folder>", "the data folder (SWORN_DATA_FOLDER; .sworn here)")
        .option("--level <number>", "how deep to look, 1 to 4", "2"),
    async run({ options, output }) {
      const level = levelOf(options.level ?? "2");
      const folder = options.data ?? world.environment["SWORN_DATA_FOLDER"] ?? ".sworn";
      const databaseUrl = world.environment["DATABASE_URL"];
      const searchPath = world.environment["PATH"];
      const server = await import("@sworn/server");
      // Only what both go by: the server refuses settings it does not know, and others of the command line are there too.
      const { missingAfterDays } = server.readConfiguration({
        SWORN_MISSING_AFTER_DAYS: world.environment["SWORN_MISSING_AFTER_DAYS"],
      });
      const report = await server.checkStoredData(
        {
          dataFolder: resolve(world.folder, folder),
          databaseUrl: databaseUrl === undefined || databaseUrl === "" ? null : databaseUrl,
          missingAfterDays,
        },
        {
          ...{
            level,
            clock: server.systemClock,
            log: server.silentLog,
            onProgress: progressOf(world, output),
          },
          ...(searchPath === undefined ? {} : { searchPath }),
        },
      );
      if (world.isWatched) world.stderr.write("\r\u001B[K");
      output.json(report);
      show(output, report);
      for (const line of costs(report, server.levelDescriptions)) output.say(line);
      if (report.isClean) return;
      const wrong = report.unlisted + report.problems.filter(({ severity }) => severity !== "notice").length;
      // Not thrown: with --json the report is the one value, and it says what is wrong.
      output.note(`sworn: ${wrong.toLocaleString("en-GB")} thing(s) are wrong.`);
      process.exitCode = EXIT_NO;
    },
  });
};
