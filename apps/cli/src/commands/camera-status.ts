// sworn camera status: how a camera is, whether it runs or lies in a drawer.
import { CameraError, type CameraStatus, openCamera, sendOrder } from "@sworn/camera";
import { resolve } from "node:path";
import { CliError } from "../exit.ts";
import { bytesText, instantText } from "../output.ts";
import { addCommand, type AddCommand } from "../settle-command.ts";

async function readStatus(folder: string): Promise<CameraStatus> {
  try {
    const answer = await sendOrder(folder, { kind: "status" });
    if (answer.kind === "done") return answer.status;
    throw new CliError("could-not-run", answer.message);
  } catch (error) {
    if (!(error instanceof CameraError) || error.code !== "not-running") throw error;
  }
  const camera = await openCamera(folder, { pulseEveryMs: null });
  try {
    return await camera.status();
  } finally {
    await camera.close();
  }
}

export const addCameraStatus: AddCommand = (parent, world) => {
  addCommand<object>(parent, world, {
    usage: "status <folder>",
    summary: "what a camera does and holds",
    example: "sworn camera status cameras/0001",
    async run({ output, arguments: [folder = ""] }) {
      const status = await readStatus(resolve(world.folder, folder));
      output.json(status);
      output.say(`camera      ${status.camera}`);
      output.say(`state       ${status.state}${status.clean ? "" : " (was not switched off cleanly)"}`);
      output.say(
        `recordings  ${status.recordings.toString()}, ${bytesText(status.storedBytes)}; ${bytesText(status.freeBytes)} free`,
      );
      output.say(`battery     ${status.batteryPercent.toString()} %${status.charging ? ", charging" : ""}`);
      output.say(`clock       ${instantText(status.wallMs)}`);
      output.say(`journal     up to entry ${status.headSequence.toString()}`);
    },
  });
};
