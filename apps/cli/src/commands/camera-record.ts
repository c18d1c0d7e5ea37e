// sworn camera record: switches a camera on, records for a while, stops and switches it off.
import { describeRefusal, openCamera, type ScriptedEvent } from "@sworn/camera";
import { formatId } from "@sworn/custody";
import { resolve } from "node:path";
import { positionsOf, readCard } from "../camera-card.ts";
import { CliError } from "../exit.ts";
import { type FilmOptions, filmOptions, filmingOf, secondsToMs } from "../film-options.ts";
import { bytesText, durationText } from "../output.ts";
import { addCommand, type AddCommand } from "../settle-command.ts";

interface Options extends FilmOptions {
  seconds: string;
  prerecord?: string;
  asFast?: boolean;
  reason: string;
  at?: string[];
}

/** `SECONDS:KIND` or `SECONDS:KIND:TEXT`. */
function eventOf(text: string): ScriptedEvent {
  const [seconds = "", kind = "", ...rest] = text.split(":");
  const atMs = secondsToMs(seconds, "The time of --at");
  const said = rest.join(":");
  switch (kind) {
    case "people-told":
    case "unmute":
    case "resume":
      return { atMs, kind };
    case "marker":
      return { atMs, kind, ...(said === "" ? {} : { note: said }) };
    case "mute":
      return { atMs, kind, ...(said === "" ? {} : { reason: said }) };
    case "pause":
      if (said !== "") return { atMs, kind, reason: said };
      throw new CliError("wrong-usage", "A pause needs its reason: --at 5:pause:privacy.");
    default:
      throw new CliError(
        "wrong-usage",
        `--at ${text}: give SECONDS:KIND, with people-told, marker, mute, unmute, pause or resume.`,
      );
  }
}

export const addCameraRecord: AddCommand = (parent, world) => {
  addCommand<Options>(parent, world, {
    usage: "record <folder>",
    summary: "record for a while, and stop",
    about:
      "What came before the press is recorded too, without sound (pre-record). In real time unless --as-fast, when the " +
      "camera's clock runs ahead with the film.",
    example: "sworn camera record cameras/0001 --seconds 20 --at 3:people-told --as-fast",
    declare: (command) =>
      filmOptions(
        command
          .requiredOption("--seconds <number>", "from the press to the stop")
          .option("--prerecord <seconds>", "before the press; 30 unless given")
          .option("--as-fast", "as fast as it goes")
          .option(
            "--at <event...>",
            "what happens, as 3:people-told, 8:marker:knife, 5:pause:privacy, 9:resume",
          )
          .option("--reason <reason>", "why it is stopped", "incident-over"),
      ),
    async run({ options, output, arguments: [named = ""] }) {
      const folder = resolve(world.folder, named);
      const card = await readCard(folder);
      const film = await filmingOf(options, { card, folder: world.folder, seed: named, loop: true });
      const filming = {
        ...film,
        pace: options.asFast === true ? ("as-fast" as const) : ("real-time" as const),
      };
      const durationMs = secondsToMs(options.seconds, "--seconds");
      const events = (options.at ?? []).map(eventOf);
      const prerecordMs =
        options.prerecord === undefined ? null : secondsToMs(options.prerecord, "--prerecord");
      const positions = positionsOf(card);
      const camera = await openCamera(folder, { positions });
      try {
        const on = await camera.powerOn("button");
        if (on.kind === "refused") throw new CliError("answer-is-no", describeRefusal(on.why));
        const sealed = await camera.record({
          ...{ filming, durationMs, events, stop: { reason: options.reason } },
          ...(prerecordMs === null ? {} : { prerecordMs }),
        });
        await camera.powerOff();
        const { number, parts, storedBytes, reason } = sealed;
        const id = formatId(sealed.id);
        output.json({ id, number, parts, durationMs: sealed.durationMs, storedBytes, reason });
        output.say(`Recording ${number.toString()} is sealed: ${id}`);
        output.say(
          `  ${durationText(sealed.durationMs)}, ${parts.toString()} parts, ${bytesText(storedBytes)}, stopped: ${reason}`,
        );
        output.say(`Next: dock it.  sworn dock ${named}`);
      } finally {
        await camera.close();
      }
    },
  });
};
