// sworn camera assign: issues a camera to an officer, in the force's books and in the camera's own journal.
import { describeRefusal, openCamera } from "@sworn/camera";
import { formatId, parseId } from "@sworn/custody";
import type { CameraId, PersonId } from "@sworn/contract";
import { resolve } from "node:path";
import { openStaff } from "../api.ts";
import type { ServerFlags } from "../credentials.ts";
import { CliError } from "../exit.ts";
import { checkedId } from "../ids.ts";
import { addCommand, type AddCommand } from "../settle-command.ts";
import { serverOptions } from "../server-options.ts";

export const addCameraAssign: AddCommand = (parent, world) => {
  addCommand<ServerFlags & { person: string }>(parent, world, {
    usage: "assign <folder>",
    summary: "issue a camera to an officer",
    example: "sworn camera assign cameras/0001 --person 0b7c…",
    declare: (command) => serverOptions(command.requiredOption("--person <id>", "who wears it")),
    async run({ options, output, arguments: [folder = ""] }) {
      const personId = checkedId<PersonId>(options.person, "--person");
      const staff = await openStaff(world, options);
      const camera = await openCamera(resolve(world.folder, folder));
      try {
        const assignment = await staff.assignCamera(formatId(camera.dock.cameraId) as CameraId, { personId });
        await camera.powerOn("button");
        const { officer, collarNumber, borough, team } = assignment;
        const details = Object.entries({ officer, collarNumber, borough, team }).filter(
          ([, text]) => text !== null,
        );
        const told = await camera.assign(
          parseId(assignment.id),
          Object.fromEntries(details) as Record<string, string>,
        );
        await camera.powerOff();
        if (told.kind === "refused") throw new CliError("answer-is-no", describeRefusal(told.why));
        output.json(assignment);
        output.say(`The camera is issued to ${officer}.`);
      } finally {
        await camera.close();
      }
    },
  });
};
