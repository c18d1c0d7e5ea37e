// sworn camera event: presses a button of a camera that runs in another terminal.
import { type CameraOrder, sendOrder } from "@sworn/camera";
import { resolve } from "node:path";
import { CliError } from "../exit.ts";
import { addCommand, type AddCommand } from "../settle-command.ts";

interface Options {
  reason?: string;
  note?: string;
}

const kinds = [
  "start",
  "stop",
  "people-told",
  "marker",
  "mute",
  "unmute",
  "pause",
  "resume",
  "power-off",
] as const;
type Kind = (typeof kinds)[number];

/** Which kinds take a reason, and which a note. */
const withReason: readonly Kind[] = ["stop", "mute", "pause"];
const withNote: readonly Kind[] = ["stop", "marker"];

function orderOf(text: string, { reason, note }: Options): CameraOrder {
  const kind = kinds.find((known) => known === text);
  if (kind === undefined)
    throw new CliError("wrong-usage", `No such event: ${text}. Give one of ${kinds.join(", ")}.`);
  if (reason !== undefined && !withReason.includes(kind))
    throw new CliError("wrong-usage", `${kind} takes no --reason.`);
  if (note !== undefined && !withNote.includes(kind))
    throw new CliError("wrong-usage", `${kind} takes no --note.`);
  const noted = note === undefined ? {} : { note };
  switch (kind) {
    case "stop":
      return { kind, reason: reason ?? "incident-over", ...noted };
    case "pause":
      if (reason !== undefined) return { kind, reason };
      throw new CliError("wrong-usage", "A pause needs its --reason, for instance privacy.");
    case "mute":
      return { kind, ...(reason === undefined ? {} : { reason }) };
    case "marker":
      return { kind, ...noted };
    default:
      return { kind };
  }
}

export const addCameraEvent: AddCommand = (parent, world) => {
  addCommand<Options>(parent, world, {
    usage: "event <folder> <kind>",
    summary: `press a button of a running camera: ${kinds.join(", ")}`,
    example: 'sworn camera event cameras/0001 stop --reason incident-over --note "all calm"',
    declare: (command) =>
      command
        .option("--reason <reason>", "why: of a stop, a pause, a mute")
        .option("--note <text>", "of a marker or a stop"),
    async run({ options, output, arguments: [folder = "", kind = ""] }) {
      const answer = await sendOrder(resolve(world.folder, folder), orderOf(kind, options));
      if (answer.kind === "refused") throw new CliError("answer-is-no", answer.message);
      if (answer.kind === "error") throw new CliError("could-not-run", answer.message);
      output.json(answer.status);
      output.say(`Done. The camera: ${answer.status.state}`);
    },
  });
};
