// sworn retention classes|changes|propose|confirm|withdraw: how long each class is kept, and changes of that, which are
// a dry run until a second person confirms them.
import type { RetentionChange, RetentionChangeId } from "@sworn/contract";
import { openStaff } from "../api.ts";
import type { ServerFlags } from "../credentials.ts";
import { CliError } from "../exit.ts";
import { checkedId } from "../ids.ts";
import { instantText, table, type Output } from "../output.ts";
import { addCommand, type AddCommand } from "../settle-command.ts";
import { serverOptions } from "../server-options.ts";

interface ProposeOptions extends ServerFlags {
  days: string;
  reviewDays?: string;
  title?: string;
  citation: string;
  reason: string;
  existing?: boolean;
}

function daysOf(text: string, flag: string, most: number): number {
  const days = Number(text);
  if (/^\d+$/.test(text) && days >= 1 && days <= most) return days;
  throw new CliError("wrong-usage", `${flag} must be a whole number from 1 to ${most.toString()}.`);
}

const periodText = (days: number | null): string =>
  days === null ? "until released" : `${days.toString()} days`;

function sayChange(output: Output, change: RetentionChange): void {
  const { effect } = change;
  output.say(`change     ${change.id}: ${change.state}`);
  output.say(`class      ${change.class}, “${change.title}”: ${periodText(change.periodDays)}`);
  output.say(`citation   ${change.citation}`);
  output.say(`applies to ${change.applyToExisting ? "what exists, too" : "what arrives from now on"}`);
  output.say(
    `effect     of ${effect.existing.toString()} that exist ${effect.shorter.toString()} kept shorter (${effect.held.toString()} held in any case), ${effect.longer.toString()} longer`,
  );
  if (effect.earliestDueAt !== null)
    output.say(
      `           ${effect.dueByExpiry.toString()} fall due before the proposal expires, the first at ${instantText(effect.earliestDueAt)}`,
    );
}

export const addRetentionChanges: AddCommand = (group, world) => {
  addCommand<ServerFlags>(group, world, {
    usage: "classes",
    summary: "how long each class is kept, and where that comes from",
    example: "sworn retention classes",
    declare: serverOptions,
    async run({ options, output }) {
      const { classes } = await (await openStaff(world, options)).listRetentionClasses();
      output.json(classes);
      const rows = classes.map((one) => [
        one.isDefault ? `${one.class} (default)` : one.class,
        periodText(one.periodDays),
        one.version,
        one.citation,
      ]);
      for (const line of table(["class", "kept", "version", "citation"], rows)) output.say(line);
    },
  });
  addCommand<ServerFlags>(group, world, {
    usage: "changes",
    summary: "the newest changes of the schedule, proposed and decided",
    example: "sworn retention changes",
    declare: serverOptions,
    async run({ options, output }) {
      const { changes } = await (await openStaff(world, options)).listRetentionChanges();
      output.json(changes);
      const rows = changes.map((one) => [
        one.id,
        one.class,
        periodText(one.periodDays),
        one.state,
        instantText(one.decidedAt ?? one.proposedAt),
        one.effect.shorter,
      ]);
      for (const line of table(["id", "class", "kept", "state", "since", "kept shorter"], rows))
        output.say(line);
    },
  });
  addCommand<ProposeOptions>(group, world, {
    usage: "propose <class>",
    summary: "propose a new period for a class, or a new class; shows what it would mean (administrators)",
    about:
      "Nothing changes until another administrator confirms it. What exists keeps the longer period unless --existing is given.",
    example:
      'sworn retention propose training --days 90 --citation "Force policy 12.3" --reason "Courses last a term"',
    declare: (command) =>
      serverOptions(
        command
          .requiredOption(
            "--days <number>",
            "days from the end of the recording; “none”: until it is released",
          )
          .requiredOption("--citation <text>", "where the period comes from")
          .requiredOption("--reason <text>", "why it is changed")
          .option("--title <text>", "of a class that is new")
          .option("--review-days <number>", "days between reviews of what is kept")
          .option("--existing", "also for what was received before now"),
      ),
    async run({ options, output, arguments: [chosen = ""] }) {
      const { title, reviewDays, citation, reason } = options;
      const request = {
        class: chosen,
        periodDays: options.days === "none" ? null : daysOf(options.days, "--days", 36_500),
        ...(reviewDays === undefined ? {} : { reviewDays: daysOf(reviewDays, "--review-days", 3_650) }),
        ...(title === undefined ? {} : { title }),
        ...{ citation, reason, applyToExisting: options.existing === true },
      };
      const change = await (await openStaff(world, options)).proposeRetentionChange(request);
      output.json(change);
      sayChange(output, change);
      output.say();
      output.say(`Until ${instantText(change.expiresAt)} another administrator can put it into force with`);
      output.say(`  sworn retention confirm ${change.id}`);
    },
  });
  addCommand<ServerFlags>(group, world, {
    usage: "confirm <change>",
    summary: "put another person's proposal into force (administrators)",
    about: "Refused where it would by now shorten or destroy more than the proposal showed.",
    example: "sworn retention confirm 7c1d…",
    declare: serverOptions,
    async run({ options, output, arguments: [named = ""] }) {
      const id = checkedId<RetentionChangeId>(named, "The change");
      const change = await (await openStaff(world, options)).confirmRetentionChange(id);
      output.json(change);
      sayChange(output, change);
    },
  });
  addCommand<ServerFlags>(group, world, {
    usage: "withdraw <change>",
    summary: "withdraw a proposal (administrators)",
    example: "sworn retention withdraw 7c1d…",
    declare: serverOptions,
    async run({ options, output, arguments: [named = ""] }) {
      const id = checkedId<RetentionChangeId>(named, "The change");
      const change = await (await openStaff(world, options)).withdrawRetentionChange(id);
      output.json(change);
      output.say("The proposal is withdrawn.");
    },
  });
};
