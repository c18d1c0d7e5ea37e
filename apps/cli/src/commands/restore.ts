// sworn restore: makes a data folder and a database from a backup, on a machine that has neither.
import { resolve } from "node:path";
import { CliError, EXIT_NO } from "../exit.ts";
import { shown } from "../output.ts";
import { copyProgress } from "../copy-progress.ts";
import { addCommand, type AddCommand } from "../settle-command.ts";

interface Options {
  data?: string;
  from?: string;
  key?: string;
}

export const addRestore: AddCommand = (parent, world) => {
  addCommand<Options>(parent, world, {
    usage: "restore",
    summary: "make a data folder and a database from a backup",
    about:
      "Into a new folder and an empty database. A key ring of more than 7 days is refused, and keys that were destroyed\n" +
      "do not come back. Ends with 0 where everything is whole, with 1 where something is missing, with 3 if it could not run.",
    example: "sworn restore --from /mnt/backup --key /media/usb/backup.key --data /var/lib/sworn",
    declare: (command) =>
      command
        .option("--from <folder>", "the folder with the backup")
        .option("--key <file>", "the private backup key")
        .option("--data <folder>", "the new data folder (SWORN_DATA_FOLDER; .sworn here)"),
    async run({ options, output }) {
      if (options.from === undefined || options.key === undefined) {
        throw new CliError(
          "wrong-usage",
          "Say from where with --from FOLDER and by which key with --key FILE.",
        );
      }
      const server = await import("@sworn/server");
      const at = (path: string): string => resolve(world.folder, path);
      const databaseUrl = world.environment["DATABASE_URL"];
      const searchPath = world.environment["PATH"];
      const progress = copyProgress(world);
      const report = await server.restoreData(
        {
          dataFolder: at(options.data ?? world.environment["SWORN_DATA_FOLDER"] ?? ".sworn"),
          databaseUrl: databaseUrl === undefined || databaseUrl === "" ? null : databaseUrl,
        },
        {
          ...{ clock: server.systemClock, log: server.silentLog, onProgress: progress.onProgress },
          ...{ from: at(options.from), privateKeyFile: at(options.key) },
          ...(searchPath === undefined ? {} : { searchPath }),
        },
      );
      progress.end();
      output.json(report);
      output.say(`Restored the backup of ${report.madeAt}.`);
      if (report.objects === null)
        output.say("It has no objects: put the copied folder in place as objects/.");
      if (report.keysDestroyed > 0)
        output.say(`${report.keysDestroyed.toString()} destroyed keys did not come back.`);
      for (const { problems } of report.recovery.forces)
        for (const problem of problems) output.say(`PROBLEM  ${shown(problem)}`);
      if (!report.recovery.isWhole) process.exitCode = EXIT_NO;
    },
  });
};
