// sworn demo: the whole of Sworn on this machine, with cameras that film a drawn street or a file.
import { access } from "node:fs/promises";
import { relative, resolve } from "node:path";
import { CliError } from "../exit.ts";
import { wholeNumber } from "../film-options.ts";
import { instantText } from "../output.ts";
import { addCommand, type AddCommand } from "../settle-command.ts";
import { untilSignal } from "../until-signal.ts";

interface Options {
  once?: boolean;
  json?: boolean;
  source?: string;
  days?: string;
  keep?: string;
  port?: string;
}

export const addDemo: AddCommand = (parent, world) => {
  addCommand<Options>(parent, world, {
    usage: "demo",
    summary: "see the whole of it: cameras, docks, ledger, export, destruction",
    about:
      "Starts a server with data of its own, films with twelve cameras in two forces, docks them, and checks everything. " +
      "Runs on until Ctrl-C, and then removes its data, unless --keep says where it stays.",
    example: "sworn demo --once --days 32 --keep demo",
    declare: (command) =>
      command
        .option("--once", "end when everything was shown")
        .option("--source <file>", "film this video file in place of the drawn street")
        .option("--days <number>", "let so many days pass, to see destruction and a hold")
        .option("--keep <folder>", "keep the data in this new folder")
        .option("--port <number>", "the server's port; a free one unless given"),
    async run({ options, output }) {
      const days = options.days === undefined ? 0 : wholeNumber(options.days, "--days", 0, 300);
      const port = options.port === undefined ? 0 : wholeNumber(options.port, "--port", 0, 65_535);
      const source = options.source === undefined ? null : resolve(world.folder, options.source);
      if (source !== null) {
        await access(source).catch((cause: unknown) => {
          throw new CliError("could-not-run", `There is no file ${source} to film. Check --source.`, cause);
        });
      }
      const [{ demoFolder }, { runDemo }] = await Promise.all([
        import("../demo/demo-folder.ts"),
        import("../demo/run-demo.ts"),
      ]);
      const folder = await demoFolder(options.keep, world.folder);
      const say = (line = ""): void => void world.stderr.write(`${line}\n`);
      const signalled = untilSignal();
      const demo = await runDemo(world, { folder, isKept: options.keep !== undefined, source, days, port });
      const { testbed, result, exported, force } = demo;
      say();
      for (const line of demo.told) say(line);
      if (demo.told.length > 0) say();
      say(
        `${result.recorded.toString()} recorded, ${result.uploaded.toString()} uploaded, ${result.verified.toString()} verified, ` +
          `${result.held.toString()} held, ${result.destroyed.toString()} destroyed`,
      );
      const shownPath = (path: string): string => {
        const near = relative(world.folder, path);
        return near.startsWith("..") ? path : near || ".";
      };
      const verify = `npx sworn verify ${shownPath(exported.folder)} --anchors ${shownPath(exported.anchors)}`;
      if (options.once !== true) {
        const play = await force.staff.startPlay(exported.recording, { reason: "Shown by the demo" });
        say();
        say("Where to look next");
        say(`  play it        ${testbed.server.url}${play.url}`);
        say(`                 (opens once, until ${instantText(play.codeExpiresAt)})`);
        say(`  check it       ${verify}`);
        say(`  the API        ${testbed.server.url}/docs/`);
        say("  how it works   docs/design/custody.md, docs/reference/evidence-format.md");
        say();
        say(
          "Ctrl-C ends the demo" +
            (options.keep === undefined ? " and removes its data." : "; its data stays."),
        );
        await signalled;
      } else if (options.keep !== undefined) {
        say();
        say(`Kept in ${shownPath(folder)}. Check the export:  ${verify}`);
      }
      if (options.keep === undefined) await testbed.discard();
      else await testbed.stop();
      // The last line, for machines: everything else went to standard error.
      output.json(result);
    },
  });
};
