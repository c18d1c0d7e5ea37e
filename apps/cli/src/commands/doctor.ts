// sworn doctor: looks at everything that Sworn stands on, and says what to do about what is wrong.
import { Api } from "@sworn/client";
import { findUrl, type ServerFlags } from "../credentials.ts";
import { CliError } from "../exit.ts";
import { shown } from "../output.ts";
import { addCommand, type AddCommand } from "../settle-command.ts";
import { serverOptions } from "../server-options.ts";
import { examineMachine, type Examined } from "../examine-machine.ts";
import { examineServer } from "../examine-server.ts";
import { examineStored } from "../examine-stored.ts";

interface Options extends ServerFlags {
  data?: string;
}

const signs = { good: "ok  ", warning: "note", bad: "BAD " } as const;

function lines({ name, verdict, detail, advice }: Examined): string[] {
  const told = [`${signs[verdict]}  ${name.padEnd(12)} ${shown(detail)}`];
  return advice === undefined ? told : [...told, `${" ".repeat(19)}${advice}`];
}

export const addDoctor: AddCommand = (parent, world) => {
  addCommand<Options>(parent, world, {
    usage: "doctor",
    summary: "check what Sworn stands on, and say what to do",
    about: "Changes nothing. Ends with 1 when something is bad.",
    example: "sworn doctor --data /var/lib/sworn",
    declare: (command) =>
      serverOptions(command.option("--data <folder>", "the data folder (SWORN_DATA_FOLDER; .sworn here)")),
    async run({ options, output }) {
      const folder = options.data ?? world.environment["SWORN_DATA_FOLDER"] ?? ".sworn";
      const server = new Api({ server: await findUrl(world, options) });
      const examined = [
        ...(await examineMachine(world, folder)),
        ...(await examineServer(server)),
        ...(await examineStored(server)),
      ];
      output.json(examined);
      for (const line of examined.flatMap(lines)) output.say(line);
      const bad = examined.filter(({ verdict }) => verdict === "bad").length;
      if (bad > 0)
        throw new CliError("answer-is-no", `${bad.toString()} thing(s) must be put right: see above.`);
    },
  });
};
