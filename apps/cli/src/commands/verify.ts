// sworn verify: checks an exported recording offline. No server is asked.
import { runVerify } from "@sworn/verifier";
import { resolve } from "node:path";
import { addCommand, type AddCommand } from "../settle-command.ts";

interface Options {
  anchors?: string;
  at?: string;
  json?: boolean;
}

export const addVerify: AddCommand = (parent, world) => {
  addCommand<Options>(parent, world, {
    usage: "verify <path>",
    summary: "check an exported recording offline",
    about:
      "Prints every check with its verdict, and one for the whole: intact, altered, untrusted, incomplete or unattested. " +
      "Only intact ends with 0, and nothing is intact without anchors that you trust.",
    example: "sworn verify export/0198c1f2-… --anchors anchors.pem --at 2026-03-01T14:30:00Z",
    declare: (command) =>
      command
        .option("--anchors <file>", "the forces' anchors that you trust, in PEM")
        .option(
          "--at <time>",
          "judge certificates as of this moment (a day: its first); else of the receipt",
        ),
    async run({ options, arguments: [path = ""] }) {
      const { anchors, at, json } = options;
      process.exitCode = await runVerify({
        path: resolve(world.folder, path),
        ...(anchors === undefined ? {} : { anchorsFile: resolve(world.folder, anchors) }),
        ...(at === undefined ? {} : { at }),
        ...(json === true ? { json } : {}),
        speaker: "sworn",
        ...{ stdout: world.stdout, stderr: world.stderr, colour: world.hasColour },
      });
    },
  });
};
