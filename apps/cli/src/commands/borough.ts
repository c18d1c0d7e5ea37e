// sworn borough add|list: the boroughs of the force.
import { openStaff } from "../api.ts";
import type { ServerFlags } from "../credentials.ts";
import { table } from "../output.ts";
import { addCommand, addGroup, type AddCommand } from "../settle-command.ts";
import { serverOptions } from "../server-options.ts";
import { slugOf } from "../slug.ts";

interface AddOptions extends ServerFlags {
  slug?: string;
}

export const addBorough: AddCommand = (parent, world) => {
  const group = addGroup(parent, "borough", "the boroughs of your force");
  addCommand<AddOptions>(group, world, {
    usage: "add <name>",
    summary: "add a borough (administrators)",
    example: "sworn borough add Camden",
    declare: (command) =>
      serverOptions(command.option("--slug <slug>", "its short name; made from the name unless given")),
    async run({ options, output, arguments: [name = ""] }) {
      const staff = await openStaff(world, options);
      const borough = await staff.addBorough({ name, slug: options.slug ?? slugOf(name) });
      output.json(borough);
      output.say(`${borough.name} is added: ${borough.id}`);
    },
  });
  addCommand<ServerFlags>(group, world, {
    usage: "list",
    summary: "list boroughs and teams",
    example: "sworn borough list",
    declare: serverOptions,
    async run({ options, output }) {
      const { boroughs, teams } = await (await openStaff(world, options)).listBoroughs();
      output.json({ boroughs, teams });
      const rows = boroughs.map(({ id, name }) => [
        id,
        name,
        teams
          .filter((team) => team.boroughId === id)
          .map((team) => team.name)
          .join(", ") || "-",
      ]);
      for (const line of table(["id", "name", "teams"], rows)) output.say(line);
    },
  });
};
