// sworn recording list|show|play|classify|time: what the force has, and what was done with it.
import type { PersonId, Recording, RecordingId } from "@sworn/contract";
import { openStaff } from "../api.ts";
import type { ServerFlags } from "../credentials.ts";
import { checkedId } from "../ids.ts";
import { checkedInstant } from "../instants.ts";
import { bytesText, durationText, instantText, table } from "../output.ts";
import { addCommand, addGroup, type AddCommand } from "../settle-command.ts";
import { serverOptions } from "../server-options.ts";

interface ListOptions extends ServerFlags {
  officer?: string;
  incident?: string;
  all?: boolean;
}

export const addRecording: AddCommand = (parent, world) => {
  const group = addGroup(parent, "recording", "recordings: list, show, play, classify, decide their time");
  addCommand<ListOptions>(group, world, {
    usage: "list",
    summary: "list recordings, the newest first",
    example: "sworn recording list --incident CAD-4711",
    declare: (command) =>
      serverOptions(
        command
          .option("--officer <id>", "of this officer")
          .option("--incident <reference>", "of this incident")
          .option("--all", "all of them; 100 unless given"),
      ),
    async run({ options, output }) {
      const staff = await openStaff(world, options);
      const { officer, incident } = options;
      const recordings: Recording[] = [];
      for (let after: string | undefined; ;) {
        const page: Awaited<ReturnType<typeof staff.listRecordings>> = await staff.listRecordings({
          ...(officer === undefined ? {} : { officer: checkedId<PersonId>(officer, "--officer") }),
          ...(incident === undefined ? {} : { incident }),
          ...(after === undefined ? {} : { after }),
        });
        recordings.push(...page.recordings);
        if (page.next === null || options.all !== true) break;
        after = page.next;
      }
      output.json(recordings);
      const rows = recordings.map((one) => [
        one.id,
        instantText(one.recordedStart),
        one.durationMs === null ? "-" : durationText(one.durationMs),
        one.state,
        one.verdict ?? "-",
      ]);
      for (const line of table(["id", "recorded", "length", "state", "verdict"], rows)) output.say(line);
    },
  });
  addCommand<ServerFlags>(group, world, {
    usage: "show <recording>",
    summary: "one recording: what it is, how long it is kept, and what was done with it",
    example: "sworn recording show 0198c1f2-…",
    declare: serverOptions,
    async run({ options, output, arguments: [named = ""] }) {
      const id = checkedId<RecordingId>(named, "The recording");
      const staff = await openStaff(world, options);
      const [recording, retention, history] = [
        await staff.getRecording(id),
        await staff.retentionOf(id),
        await staff.history(id),
      ];
      output.json({ recording, retention, history: history.entries });
      output.say(
        `recording  ${recording.id}${recording.number === null ? "" : `, number ${recording.number.toString()} of its camera`}`,
      );
      output.say(
        `recorded   ${instantText(recording.recordedStart)} to ${instantText(recording.recordedEnd)} (clock: ${recording.clock ?? "unknown"})`,
      );
      output.say(
        `state      ${recording.state}, ${recording.verdict ?? "no verdict"}; ${bytesText(recording.storedBytes ?? 0)}`,
      );
      output.say(`class      ${recording.class ?? "not classified"}`);
      output.say(`kept       ${retention.standing}: ${retention.why}`);
      for (const hold of retention.holds)
        output.say(`hold       ${hold.kind}, review ${hold.reviewAt.slice(0, 10)}: ${hold.reason}`);
      const rows = history.entries.map((entry) => [
        entry.index?.toString() ?? "-",
        instantText(entry.at),
        entry.event,
        entry.person ?? entry.device ?? entry.system ?? "-",
      ]);
      output.say();
      for (const line of table(["entry", "at", "event", "by"], rows)) output.say(line);
    },
  });
  addCommand<ServerFlags & { reason?: string }>(group, world, {
    usage: "play <recording>",
    summary: "a page that plays it, for your browser; the view stands in the ledger",
    example: 'sworn recording play 0198c1f2-… --reason "review before charge"',
    declare: (command) => serverOptions(command.option("--reason <text>", "why it is viewed")),
    async run({ options, output, arguments: [named = ""] }) {
      const id = checkedId<RecordingId>(named, "The recording");
      const staff = await openStaff(world, options);
      const play = await staff.startPlay(id, options.reason === undefined ? {} : { reason: options.reason });
      const page = `${staff.api.server}${play.url}`;
      output.json({ ...play, page });
      output.say(page);
      output.say(`Opens once, until ${instantText(play.codeExpiresAt)}.`);
    },
  });
  addCommand<ServerFlags & { incident?: string }>(group, world, {
    usage: "classify <recording> <class>",
    summary: "say what it shows; that decides how long it is kept",
    example: "sworn recording classify 0198c1f2-… non-evidential",
    declare: (command) =>
      serverOptions(command.option("--incident <reference>", "the incident's dispatch reference")),
    async run({ options, output, arguments: [named = "", chosen = ""] }) {
      const id = checkedId<RecordingId>(named, "The recording");
      const staff = await openStaff(world, options);
      const { incident } = options;
      const recording = await staff.classify(id, {
        class: chosen,
        ...(incident === undefined ? {} : { incident }),
      });
      output.json(recording);
      output.say(`It is classified as ${recording.class ?? "nothing"}.`);
    },
  });
  addCommand<ServerFlags & { ended?: string; reason: string }>(group, world, {
    usage: "time <recording>",
    summary: "decide when a recording with an uncertain clock ended; its retention counts from then",
    about:
      "What the camera said stays as it is, and the ledger has both times. “sworn retention plan” lists what waits for this.",
    example:
      'sworn recording time 0198c1f2-… --ended 2026-03-01T14:30:00Z --reason "Dispatch log of CAD-4711"',
    declare: (command) =>
      serverOptions(
        command
          .option("--ended <instant>", "when it ended; the server's estimate unless given")
          .requiredOption("--reason <text>", "how this is known; it is read in the ledger for ever"),
      ),
    async run({ options, output, arguments: [named = ""] }) {
      const id = checkedId<RecordingId>(named, "The recording");
      const { ended, reason } = options;
      const decision = {
        ...(ended === undefined ? {} : { recordedEndAt: checkedInstant(ended, "--ended") }),
        reason,
      };
      const staff = await openStaff(world, options);
      const retention = await staff.decideRecordedTime(id, decision);
      output.json(retention);
      output.say(`Its time is decided. ${retention.standing}: ${retention.why}`);
      if (retention.destroyAt !== null) output.say(`Not before ${instantText(retention.destroyAt)}.`);
    },
  });
};
