// sworn hold place|release|list: reasons why recordings are not destroyed when due.
import {
  type Hold,
  type HoldId,
  type HoldKind,
  type HoldScope,
  type Holds,
  type RecordingId,
  holdKinds,
} from "@sworn/contract";
import { openStaff } from "../api.ts";
import type { ServerFlags } from "../credentials.ts";
import { CliError } from "../exit.ts";
import { checkedId } from "../ids.ts";
import { checkedInstant } from "../instants.ts";
import { instantText, table } from "../output.ts";
import { addCommand, addGroup, type AddCommand } from "../settle-command.ts";
import { serverOptions } from "../server-options.ts";
import { findBorough } from "./person.ts";

interface PlaceOptions extends ServerFlags {
  recording?: string;
  incident?: string;
  from?: string;
  to?: string;
  borough?: string;
  kind: string;
  reason: string;
  review: string;
}

function kindOf(text: string): HoldKind {
  const kind = holdKinds.find((known) => known === text);
  if (kind !== undefined) return kind;
  throw new CliError("wrong-usage", `--kind must be one of ${holdKinds.join(", ")}.`);
}

function scopeText(scope: HoldScope): string {
  if (scope.kind === "recording") return `recording ${scope.recordingId}`;
  if (scope.kind === "incident") return `incident ${scope.incident}`;
  return `${instantText(scope.from)} to ${instantText(scope.to)}`;
}

export const addHold: AddCommand = (parent, world) => {
  const group = addGroup(parent, "hold", "reasons why recordings are not destroyed when due");
  addCommand<PlaceOptions>(group, world, {
    usage: "place",
    summary: "keep a recording, an incident's or a time's recordings",
    about: "The scope is one of --recording, --incident, or --from with --to. It catches later arrivals too.",
    example: 'sworn hold place --incident CAD-4711 --kind evidence --reason "R v Smith" --review 2026-09-01',
    declare: (command) =>
      serverOptions(
        command
          .option("--recording <id>", "one recording")
          .option("--incident <reference>", "all recordings of an incident")
          .option("--from <instant>", "all recordings of a time: its beginning")
          .option("--to <instant>", "its end")
          .option("--borough <borough>", "of that time, in one borough only")
          .requiredOption("--kind <kind>", holdKinds.join(", "))
          .requiredOption("--reason <text>", "why; it is read in the ledger for ever")
          .requiredOption("--review <date>", "when somebody must look at it again"),
      ),
    async run({ options, output }) {
      const kind = kindOf(options.kind);
      const reviewAt = checkedInstant(options.review, "--review");
      const staff = await openStaff(world, options);
      const placed = await staff.placeHold({
        kind,
        reason: options.reason,
        reviewAt,
        scope: await scopeOf(options),
      });
      output.json(placed);
      const { hold, caught, ordersCancelled, tooLate } = placed;
      output.say(`The hold stands: ${hold.id}`);
      output.say(
        `  keeps ${caught.toString()} recording(s) now, and what arrives later for ${scopeText(hold.scope)}`,
      );
      if (ordersCancelled.length > 0)
        output.say(`  called off the destruction of ${ordersCancelled.join(", ")}`);
      if (tooLate.length > 0) output.say(`  too late for ${tooLate.join(", ")}: destroyed already`);

      async function scopeOf(given: PlaceOptions): Promise<HoldScope> {
        const { recording, incident, from, to, borough } = given;
        const named = [recording, incident, from ?? to].filter((one) => one !== undefined);
        if (named.length !== 1)
          throw new CliError("wrong-usage", "Give one of --recording, --incident, or --from with --to.");
        if (recording !== undefined)
          return { kind: "recording", recordingId: checkedId<RecordingId>(recording, "--recording") };
        if (incident !== undefined) return { kind: "incident", incident };
        if (from === undefined || to === undefined)
          throw new CliError("wrong-usage", "Give --from together with --to.");
        return {
          ...{ kind: "event", from: checkedInstant(from, "--from"), to: checkedInstant(to, "--to") },
          ...(borough === undefined ? {} : { boroughId: await findBorough(staff, borough) }),
        };
      }
    },
  });
  addCommand<ServerFlags & { reason: string }>(group, world, {
    usage: "release <hold>",
    summary: "end a hold; others on the same recordings stand",
    example: 'sworn hold release 5f0e… --reason "No further action"',
    declare: (command) =>
      serverOptions(command.requiredOption("--reason <text>", "why it is not needed any more")),
    async run({ options, output, arguments: [id = ""] }) {
      const staff = await openStaff(world, options);
      const hold = await staff.releaseHold(checkedId<HoldId>(id, "The hold"), options.reason);
      output.json(hold);
      output.say("The hold is released.");
    },
  });
  addCommand<ServerFlags & { all?: boolean }>(group, world, {
    usage: "list",
    summary: "list the holds that stand, those past their review first",
    example: "sworn hold list",
    declare: (command) => serverOptions(command.option("--all", "with those that were released")),
    async run({ options, output }) {
      const staff = await openStaff(world, options);
      const holds = await standingOrNot(true);
      if (options.all === true) holds.push(...(await standingOrNot(false)));
      const wanted = holds.sort(
        (a, b) => Number(b.reviewIsPast) - Number(a.reviewIsPast) || a.reviewAt.localeCompare(b.reviewAt),
      );
      output.json(wanted);
      const rows = wanted.map((hold) => [
        hold.id,
        hold.kind,
        hold.releasedAt === null
          ? `${hold.reviewAt.slice(0, 10)}${hold.reviewIsPast ? " PAST" : ""}`
          : "released",
        scopeText(hold.scope),
      ]);
      for (const line of table(["id", "kind", "review", "scope"], rows)) output.say(line);

      async function standingOrNot(standing: boolean): Promise<Hold[]> {
        const found: Hold[] = [];
        for (let after: HoldId | undefined; ;) {
          const page: Holds = await staff.listHolds({ standing, ...(after === undefined ? {} : { after }) });
          found.push(...page.holds);
          if (page.next === null) return found;
          after = page.next;
        }
      }
    },
  });
};
