// sworn camera lost: revokes a lost camera and begins the record of a possible breach.
import type { CameraId } from "@sworn/contract";
import { openStaff } from "../api.ts";
import type { ServerFlags } from "../credentials.ts";
import { checkedId } from "../ids.ts";
import { bytesText, durationText, instantText, table } from "../output.ts";
import { addCommand, type AddCommand } from "../settle-command.ts";
import { serverOptions } from "../server-options.ts";

export const addCameraLost: AddCommand = (parent, world) => {
  addCommand<ServerFlags & { circumstances: string }>(parent, world, {
    usage: "lost <camera>",
    summary: "report a camera lost: revoke it, and say what it may hold",
    about:
      "Begins the record of a possible breach of personal data, with its 72-hour clock. It cannot be taken back.",
    example: 'sworn camera lost 7c1e… --circumstances "Fell into the Thames at Putney, 14:20"',
    declare: (command) =>
      serverOptions(
        command.requiredOption("--circumstances <text>", "when, where and how, as far as is known"),
      ),
    async run({ options, output, arguments: [id = ""] }) {
      const staff = await openStaff(world, options);
      const loss = await staff.loseCamera(checkedId<CameraId>(id, "The camera"), options.circumstances);
      output.json(loss);
      const { breach, camera } = loss;
      output.say(
        `${camera.name} is revoked. Notify the Information Commissioner by ${instantText(breach.notifyBy)}, or say why not.`,
      );
      output.say("It may hold:");
      const rows = breach.mayHold.map((held) => [
        held.kind,
        held.number === null ? "-" : held.number.toString(),
        instantText(held.startedAt),
        held.durationMs === null ? "-" : durationText(held.durationMs),
        held.storedBytes === null
          ? "-"
          : `${bytesText(held.receivedBytes)} of ${bytesText(held.storedBytes)} here`,
      ]);
      for (const line of table(["what", "number", "started", "length", "received"], rows))
        output.say(`  ${line}`);
    },
  });
};
