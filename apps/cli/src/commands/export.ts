// sworn export: a recording with all that proves it, in a folder that anybody can verify offline.
import type { RecordingId } from "@sworn/contract";
import { join, relative, resolve } from "node:path";
import { openStaff } from "../api.ts";
import type { ServerFlags } from "../credentials.ts";
import { checkedId } from "../ids.ts";
import { exportRecording } from "../export-recording.ts";
import { bytesText } from "../output.ts";
import { addCommand, type AddCommand } from "../settle-command.ts";
import { serverOptions } from "../server-options.ts";

interface Options extends ServerFlags {
  to: string;
  recipient: string;
  purpose: string;
  details: boolean;
}

export const addExport: AddCommand = (parent, world) => {
  addCommand<Options>(parent, world, {
    usage: "export <recording>",
    summary: "write a recording with all that proves it into a folder",
    about:
      "The act, who gets it and what for stand in the ledger. The folder can be checked offline with “sworn verify”.",
    example: 'sworn export 0198c1f2-… --to export --recipient "CPS London" --purpose "R v Smith"',
    declare: (command) =>
      serverOptions(
        command
          .requiredOption("--to <folder>", "the export's folder is made in this one")
          .option("--recipient <name>", "who gets it", "the exporting officer")
          .option("--purpose <text>", "what for", "inspection")
          .option("--no-details", "leave out positions, notes and reasons (openings.cbor)"),
      ),
    async run({ options, output, arguments: [id = ""] }) {
      const recording = checkedId<RecordingId>(id, "The recording");
      const staff = await openStaff(world, options);
      const { to, recipient, purpose } = options;
      const done = await exportRecording(staff, {
        recording,
        to: resolve(world.folder, to),
        recipient,
        purpose,
        details: options.details ? "recording" : "none",
      });
      output.json({ recording, ...done });
      const shownFolder = join(to, relative(resolve(world.folder, to), done.folder));
      output.say(
        `Exported to ${shownFolder}: ${done.files.toString()} files, ${bytesText(done.masterBytes)}`,
      );
      output.say(`Check it with anchors that you trust:  sworn verify ${shownFolder} --anchors anchors.pem`);
    },
  });
};
