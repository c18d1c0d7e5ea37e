// sworn backup: copies everything that a burnt-down machine would be made again from, also beside a running server.
import { resolve } from "node:path";
import { CliError } from "../exit.ts";
import { bytesText } from "../output.ts";
import { copyProgress } from "../copy-progress.ts";
import { addCommand, type AddCommand } from "../settle-command.ts";

interface Options {
  data?: string;
  to?: string;
  key?: string;
  makeKey?: string;
  objects?: boolean;
}

export const addBackup: AddCommand = (parent, world) => {
  addCommand<Options>(parent, world, {
    usage: "backup",
    summary: "copy database, keys and ledger where they survive this machine",
    about:
      "Runs beside a server or without one. Rows and keys are encrypted for a backup key whose private half you keep\n" +
      "elsewhere: make one with --make-key, give the server the .public file. The part with the key ring expires after\n" +
      "7 days. With --objects the encrypted footage is copied too, only what is new.",
    example:
      "sworn backup --data /var/lib/sworn --to /mnt/backup --key /etc/sworn/backup.key.public --objects",
    declare: (command) =>
      command
        .option("--data <folder>", "the data folder (SWORN_DATA_FOLDER; .sworn here)")
        .option("--to <folder>", "where the backup goes")
        .option("--key <file>", "the public half of the backup key")
        .option("--make-key <file>", "make a backup key in this file, its public half beside it, and stop")
        .option("--objects", "copy the footage as well, incrementally"),
    async run({ options, output }) {
      const server = await import("@sworn/server");
      const at = (path: string): string => resolve(world.folder, path);
      if (options.makeKey !== undefined) {
        const path = at(options.makeKey);
        await server.makeBackupKey(path);
        output.json({ privateKey: path, publicKey: `${path}.public` });
        output.say(`Keep ${path} away from this machine: without it no backup can be read.`);
        output.say(`Backups need only ${path}.public.`);
        return;
      }
      if (options.to === undefined || options.key === undefined) {
        throw new CliError("wrong-usage", "Say where with --to FOLDER and for which key with --key FILE.");
      }
      const databaseUrl = world.environment["DATABASE_URL"];
      const searchPath = world.environment["PATH"];
      const progress = copyProgress(world);
      const report = await server.backUpData(
        {
          dataFolder: at(options.data ?? world.environment["SWORN_DATA_FOLDER"] ?? ".sworn"),
          databaseUrl: databaseUrl === undefined || databaseUrl === "" ? null : databaseUrl,
        },
        {
          ...{ clock: server.systemClock, log: server.silentLog, onProgress: progress.onProgress },
          ...{ to: at(options.to), publicKeyFile: at(options.key), withObjects: options.objects === true },
          ...(searchPath === undefined ? {} : { searchPath }),
        },
      );
      progress.end();
      output.json(report);
      output.say(`Backed up at ${report.madeAt}. The key ring's part expires at ${report.ringExpiresAt}.`);
      output.say(`ledger: ${report.ledger.files.toString()} files, ${bytesText(report.ledger.bytes)} new`);
      if (report.objects !== null) {
        output.say(
          `objects: ${report.objects.files.toString()} files, ${bytesText(report.objects.bytes)} new`,
        );
      } else output.say("objects: not copied. Use --objects, or copy the folder by other means.");
    },
  });
};
