// sworn import: films from another maker's camera, with who, where and when, encrypted on arrival and unattested; or what
// is on a camera of ours that is no longer trusted.
import type { PersonId } from "@sworn/contract";
import { basename, resolve } from "node:path";
import { openStaff } from "../api.ts";
import type { ServerFlags } from "../credentials.ts";
import { CliError } from "../exit.ts";
import { checkedId } from "../ids.ts";
import { handInCamera } from "../hand-in-camera.ts";
import { importFilmOf } from "../import-film.ts";
import { bytesText, shown } from "../output.ts";
import { addCommand, type AddCommand, type Run } from "../settle-command.ts";
import { serverOptions } from "../server-options.ts";
import { drawBar } from "../upload-bars.ts";
import { findBorough } from "./person.ts";

interface Options extends ServerFlags {
  cameraFolder?: string;
  reason?: string;
  started?: string;
  officer?: string;
  borough?: string;
  place?: string;
  incident?: string;
}

export const addImport: AddCommand = (parent, world) => {
  addCommand<Options>(parent, world, {
    usage: "import [file...]",
    summary: "take in films from another maker's camera, or what is on a lost camera",
    about:
      "Films are encrypted on arrival and receipted as unattested: no device signed them. With --camera-folder, what is " +
      "on a camera that was reported lost and found again is handed in: its journal, kept apart from the accepted one, " +
      "and its recordings, receipted as untrusted. The folder is only read; the ledger names you and your reason.",
    example: "sworn import shop.mp4 --started 2026-01-31T22:15:00Z --borough Camden --incident CAD-4711",
    declare: (command) =>
      serverOptions(
        command
          .option("--started <instant>", "when the film began, as 2026-01-31T22:15:00Z; needed for films")
          .option("--officer <id>", "who filmed")
          .option("--borough <borough>", "where: name, slug or id")
          .option("--place <text>", "where, in words")
          .option("--incident <reference>", "the incident's dispatch reference")
          .option("--camera-folder <folder>", "hand in what is on this lost camera; with --reason")
          .option("--reason <text>", "why, and where the camera was found"),
      ),
    async run(run) {
      const { options, output, arguments: files } = run;
      if (options.cameraFolder !== undefined) {
        await handIn(run, options.cameraFolder);
        return;
      }
      const { started, officer, borough, place, incident } = options;
      if (files.length === 0) throw new CliError("wrong-usage", "Name a film, or --camera-folder.");
      if (started === undefined)
        throw new CliError("wrong-usage", "Say when the film began: --started 2026-01-31T22:15:00Z");
      const staff = await openStaff(world, options);
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

async function handIn(
  { options, output, world, arguments: files }: Run<Options>,
  folder: string,
): Promise<void> {
  const { reason } = options;
  if (files.length > 0) throw new CliError("wrong-usage", "Import films and a camera one after the other.");
  if (reason === undefined || reason.trim() === "")
    throw new CliError("wrong-usage", "Say why it is handed in: --reason TEXT. It stands in the ledger.");
  const staff = await openStaff(world, options);
  const done = await handInCamera(staff, {
    ...{ folder: resolve(world.folder, folder), reason },
    onProgress: (number, sent, total) => {
      if (world.isWatched)
        world.stderr.write(`\r\u001b[2K  recording ${number.toString()}  ${drawBar(sent, total)}`);
    },
  });
  if (world.isWatched) world.stderr.write("\r\u001b[2K");
  output.json({ folder, ...done });
  const { handIn: handed, acceptedEntries, refusedEntries, findings, damage, recordings } = done;
  const refused = refusedEntries === 0 ? "" : `, ${refusedEntries.toString()} refused`;
  output.say(
    `${folder}  hand-in ${handed.id}: ${acceptedEntries.toString()} journal entries taken${refused}`,
  );
  for (const one of recordings) {
    const became = handed.recordings.find(({ recording }) => recording === one.recording)?.verdict ?? null;
    const verdict = became === null ? one.state : `${one.state} as ${became}`;
    const problem = one.problem === null ? "" : `  ${shown(one.problem)}`;
    output.say(`  ${one.number.toString().padStart(4)}  ${one.recording}  ${verdict}${problem}`);
    if (one.bytesLeft !== undefined)
      output.say(
        `        ${bytesText(one.bytesLeft)} behind its last whole part stay in the folder: no entry attests them`,
      );
  }
  for (const finding of findings) output.say(`  finding: ${finding.kind} ${shown(finding.subject)}`);
  for (const sentence of damage) output.say(`  damage: ${shown(sentence)}`);
  const isAll =
    refusedEntries === 0 &&
    damage.length === 0 &&
    handed.isComplete &&
    recordings.every(({ state }) => state === "collected" || state === "destroyed");
  if (!isAll) throw new CliError("answer-is-no", "Not everything was taken in: see above.");
}
