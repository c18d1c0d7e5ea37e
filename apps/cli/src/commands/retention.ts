// sworn retention plan|run: what falls due and why, and the daily run by hand. Changes: retention-change.ts.
import { openStaff } from "../api.ts";
import type { ServerFlags } from "../credentials.ts";
import { CliError } from "../exit.ts";
import { instantText, table } from "../output.ts";
import { addCommand, addGroup, type AddCommand } from "../settle-command.ts";
import { serverOptions } from "../server-options.ts";
import { addRetentionChanges } from "./retention-change.ts";

function daysOf(text: string | undefined): number {
  const days = text === undefined ? 7 : Number(text);
  if (Number.isInteger(days) && days >= 0 && days <= 3_650) return days;
  throw new CliError("wrong-usage", "--days must be a whole number from 0 to 3650.");
}

export const addRetention: AddCommand = (parent, world) => {
  const group = addGroup(
    parent,
    "retention",
    "what falls due, what is held, destruction, and changes of the schedule",
  );
  addCommand<ServerFlags & { days?: string }>(group, world, {
    usage: "plan",
    summary: "what falls due, what is held and why, what would change",
    example: "sworn retention plan --days 14",
    declare: (command) =>
      serverOptions(command.option("--days <number>", "how far to look ahead; 7 unless given")),
    async run({ options, output }) {
      const days = daysOf(options.days);
      const staff = await openStaff(world, options);
      const plan = await staff.retentionPlan(days);
      output.json(plan);
      output.say(`As of ${instantText(plan.asOf)}, until ${instantText(plan.until)}:`);
      output.say(
        `  ${plan.falling.toString()} fall due, ${plan.heldCount.toString()} would and are held, ${plan.waitingCount.toString()} wait for a person`,
      );
      for (const { date, recordings } of plan.byDay) output.say(`  ${date}  ${recordings.toString()}`);
      const rows = [...plan.due, ...plan.held, ...plan.waiting].map((one) => [
        one.recordingId,
        one.standing,
        one.destroyAt === null ? "-" : one.destroyAt.slice(0, 10),
        one.why,
      ]);
      if (rows.length > 0) output.say();
      if (rows.length > 0)
        for (const line of table(["recording", "standing", "not before", "why"], rows)) output.say(line);
      for (const hold of plan.holdsPastReview)
        output.say(`  hold ${hold.id} is past its review of ${hold.reviewAt.slice(0, 10)}`);
      for (const change of plan.changes)
        output.say(
          `  proposed: ${change.class} ${String(change.periodDays)} days, ${change.effect.shorter.toString()} kept shorter`,
        );
    },
  });
  addCommand<ServerFlags>(group, world, {
    usage: "run",
    summary: "warn, and destroy what is due, now",
    about: "Does what the server does by itself each day. It may be run as often as one likes.",
    example: "sworn retention run",
    declare: serverOptions,
    async run({ options, output }) {
      const staff = await openStaff(world, options);
      const done = await staff.runRetention();
      output.json(done);
      output.say(
        `${done.destroyed.toString()} destroyed with their certificates, ${done.warned.toString()} warned about, ${done.cancelled.toString()} orders called off`,
      );
      if (done.failed === 0) return;
      throw new CliError(
        "could-not-run",
        `${done.failed.toString()} could not be finished. The next run goes on with them; look at the server's log.`,
      );
    },
  });
  addRetentionChanges(group, world);
};
