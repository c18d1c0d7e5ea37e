// sworn quarantine list|decide: uploads that do not match their journal wait for a named person.
import type { Quarantine, QuarantineId, Quarantines } from "@sworn/contract";
import { openStaff } from "../api.ts";
import type { ServerFlags } from "../credentials.ts";
import { CliError } from "../exit.ts";
import { checkedId } from "../ids.ts";
import { bytesText, instantText, table } from "../output.ts";
import { addCommand, addGroup, type AddCommand } from "../settle-command.ts";
import { serverOptions } from "../server-options.ts";

const decisions = ["altered", "untrusted", "rejected"] as const;

export const addQuarantine: AddCommand = (parent, world) => {
  const group = addGroup(parent, "quarantine", "uploads that do not match their journal");
  addCommand<ServerFlags & { decided?: boolean }>(group, world, {
    usage: "list",
    summary: "what waits for a decision",
    example: "sworn quarantine list",
    declare: (command) =>
      serverOptions(command.option("--decided", "what was decided, in place of what waits")),
    async run({ options, output }) {
      const staff = await openStaff(world, options);
      const found: Quarantine[] = [];
      for (let after: QuarantineId | undefined; ;) {
        const page: Quarantines = await staff.listQuarantine({
          decided: options.decided === true,
          ...(after === undefined ? {} : { after }),
        });
        found.push(...page.quarantine);
        if (page.next === null) break;
        after = page.next;
      }
      output.json(found);
      const rows = found.map((one) => [
        one.id,
        one.number?.toString() ?? "-",
        instantText(one.arrivedAt),
        bytesText(one.sizeBytes),
        one.reason,
      ]);
      for (const line of table(["id", "number", "arrived", "size", "why"], rows)) output.say(line);
    },
  });
  addCommand<ServerFlags & { reason: string }>(group, world, {
    usage: "decide <quarantine> <decision>",
    summary: `accept it as ${decisions[0]} or ${decisions[1]}, or have it ${decisions[2]}`,
    about:
      "Accepted, it gets a receipt that says so, and the camera may free it. Rejected, its bytes are dropped here.",
    example: 'sworn quarantine decide 3b9c… altered --reason "One fragment damaged on the camera"',
    declare: (command) => serverOptions(command.requiredOption("--reason <text>", "why")),
    async run({ options, output, arguments: [named = "", text = ""] }) {
      const decision = decisions.find((known) => known === text);
      if (decision === undefined)
        throw new CliError("wrong-usage", `The decision must be one of ${decisions.join(", ")}.`);
      const staff = await openStaff(world, options);
      const id = checkedId<QuarantineId>(named, "The quarantine");
      const decided = await staff.decideQuarantine(id, { decision, reason: options.reason });
      output.json(decided);
      output.say(`Decided: ${decided.decision ?? decision}.`);
    },
  });
};
