// sworn camera standby: a camera that is switched on and waits for its buttons, until Ctrl-C switches it off.
import { describeRefusal, listenForOrders, openCamera } from "@sworn/camera";
import { resolve } from "node:path";
import { positionsOf, readCard } from "../camera-card.ts";
import { CliError } from "../exit.ts";
import { type FilmOptions, filmOptions, filmingOf } from "../film-options.ts";
import { addCommand, type AddCommand } from "../settle-command.ts";
import { untilSignal } from "../until-signal.ts";

export const addCameraStandby: AddCommand = (parent, world) => {
  addCommand<FilmOptions>(parent, world, {
    usage: "standby <folder>",
    summary: "switch a camera on and wait for its buttons, until Ctrl-C",
    about:
      "Films in real time into its 30 s buffer. Press its buttons from another terminal with “sworn camera event”.",
    example: "sworn camera standby cameras/0001 --source street.mp4",
    declare: filmOptions,
    async run({ options, output, arguments: [named = ""] }) {
      const folder = resolve(world.folder, named);
      const card = await readCard(folder);
      const filming = await filmingOf(options, { card, folder: world.folder, seed: named, loop: true });
      const positions = positionsOf(card);
      const camera = await openCamera(folder, { filming, positions });
      const signalled = untilSignal();
      try {
        const on = await camera.powerOn("button");
        if (on.kind === "refused") throw new CliError("answer-is-no", describeRefusal(on.why));
        const orders = await listenForOrders(folder, camera);
        output.json(await camera.status());
        output.say("In standby. Ctrl-C switches it off. In another terminal:");
        output.say(`  sworn camera event ${named} start`);
        await signalled;
        await orders.close();
        await camera.powerOff();
        output.say("Off.");
      } finally {
        await camera.close();
      }
    },
  });
};
