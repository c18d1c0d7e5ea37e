// sworn import: films from another maker's camera, with who, where and when. Encrypted on arrival, and unattested.
import type { PersonId } from "@sworn/contract";
import { basename, resolve } from "node:path";
import { openStaff } from "../api.ts";
import type { ServerFlags } from "../credentials.ts";
import { CliError } from "../exit.ts";
import { checkedId } from "../ids.ts";
import { importFilmOf } from "../import-film.ts";
import { bytesText, shown } from "../output.ts";
import { addCommand, type AddCommand } from "../settle-command.ts";
import { serverOptions } from "../server-options.ts";
import { drawBar } from "../upload-bars.ts";
import { findBorough } from "./person.ts";

interface Options extends ServerFlags {
  started: string;
  officer?: string;
  borough?: string;
  place?: string;
  incident?: string;
}

export const addImport: AddCommand = (parent, world) => {
  addCommand<Options>(parent, world, {
    usage: "import <file...>",
    summary: "take in films from another maker's camera",
    about: "They are encrypted on arrival and receipted as unattested: no device signed them.",
    example: "sworn import shop.mp4 --started 2026-01-31T22:15:00Z --borough Camden --incident CAD-4711",
    declare: (command) =>
      serverOptions(
        command
          .requiredOption("--started <instant>", "when the film began, as 2026-01-31T22:15:00Z")
          .option("--officer <id>", "who filmed")
          .option("--borough <borough>", "where: name, slug or id")
          .option("--place <text>", "where, in words")
          .option("--incident <reference>", "the incident's dispatch reference"),
      ),
    async run({ options, output, arguments: files }) {
      const staff = await openStaff(world, options);
      const { started, officer, borough, place, incident } = options;
      const stated = {
        startedAt: started,
        ...(officer === undefined ? {} : { officer: checkedId<PersonId>(officer, "--officer") }),
        ...(borough === undefined ? {} : { borough: await findBorough(staff, borough) }),
        ...(place === undefined ? {} : { place }),
        ...(incident === undefined ? {} : { incident }),
      };
      const done: {
        file: string;
        recording: string;
        state: string;
        problem: string | null;
        lengthBytes: number;
      }[] = [];
      for (const file of files) {
        const draw = (sent: number, total: number): void => {
          if (world.isWatched) world.stderr.write(`\r\u001b[2K  ${basename(file)}  ${drawBar(sent, total)}`);
        };
        const status = await importFilmOf(staff, {
          path: resolve(world.folder, file),
          stated,
          onProgress: draw,
        });
        if (world.isWatched) world.stderr.write("\r\u001b[2K");
        const { recording, state, problem, lengthBytes } = status;
        done.push({ file, recording, state, problem, lengthBytes });
        output.say(
          `${file}  ${state}  ${recording}  ${bytesText(lengthBytes)}${problem === null ? "" : `  ${shown(problem)}`}`,
        );
      }
      output.json(done);
      if (done.some(({ state }) => state !== "collected")) {
        throw new CliError("answer-is-no", "Not every film was taken in: see above.");
      }
    },
  });
};
