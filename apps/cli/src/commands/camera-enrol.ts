// sworn camera enrol: a new headless camera in a folder, certified by the force.
import { resolve } from "node:path";
import { openStaff } from "../api.ts";
import { writeCard } from "../camera-card.ts";
import type { ServerFlags } from "../credentials.ts";
import { enrolCamera } from "../enrol-device.ts";
import { addCommand, type AddCommand } from "../settle-command.ts";
import { serverOptions } from "../server-options.ts";
import { findBorough } from "./person.ts";

interface Options extends ServerFlags {
  name: string;
  model: string;
  borough?: string;
}

export const addCameraEnrol: AddCommand = (parent, world) => {
  addCommand<Options>(parent, world, {
    usage: "enrol <folder>",
    summary: "make a camera in a folder and have the force certify it",
    about:
      "The camera makes its own key, which never leaves the folder. Broken off, the same command finishes it.",
    example: "sworn camera enrol cameras/0001 --name MET-0001 --borough Camden",
    declare: (command) =>
      serverOptions(
        command
          .requiredOption("--name <name>", "for instance MET-0001; burned into the picture")
          .option("--model <text>", "maker and model", "Sworn headless camera")
          .option(
            "--borough <borough>",
            "name, slug or id; its streets are walked by the simulated receiver",
          ),
      ),
    async run({ options, output, arguments: [named = ""] }) {
      const folder = resolve(world.folder, named);
      const staff = await openStaff(world, options);
      const { name, model, borough } = options;
      const boroughId = borough === undefined ? undefined : await findBorough(staff, borough);
      const camera = await enrolCamera(staff, folder, {
        name,
        model,
        ...(boroughId === undefined ? {} : { boroughId }),
      });
      const { boroughs } = await staff.listBoroughs();
      const boroughName = boroughs.find(({ id }) => id === camera.boroughId)?.name ?? null;
      await writeCard(folder, { name: camera.name, borough: boroughName });
      output.json({ camera, folder });
      output.say(`${camera.name} is enrolled: ${camera.id}`);
      output.say(`Next: record.  sworn camera record ${named} --seconds 20`);
    },
  });
};
