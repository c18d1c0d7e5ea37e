// sworn camera list: the cameras of the force.
import type { Camera, CameraId, Cameras } from "@sworn/contract";
import { openStaff } from "../api.ts";
import type { ServerFlags } from "../credentials.ts";
import { instantText, table } from "../output.ts";
import { addCommand, type AddCommand } from "../settle-command.ts";
import { serverOptions } from "../server-options.ts";

export const addCameraList: AddCommand = (parent, world) => {
  addCommand<ServerFlags>(parent, world, {
    usage: "list",
    summary: "the cameras of your force",
    example: "sworn camera list",
    declare: serverOptions,
    async run({ options, output }) {
      const staff = await openStaff(world, options);
      const cameras: Camera[] = [];
      for (let after: CameraId | undefined; ;) {
        const page: Cameras = await staff.listCameras(after);
        cameras.push(...page.cameras);
        if (page.next === null) break;
        after = page.next;
      }
      output.json(cameras);
      const rows = cameras.map(({ id, name, state, lastDockedAt }) => [
        id,
        name,
        state,
        instantText(lastDockedAt),
      ]);
      for (const line of table(["id", "name", "state", "last docked"], rows)) output.say(line);
    },
  });
};
