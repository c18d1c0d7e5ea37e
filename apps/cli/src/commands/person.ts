// sworn person add|list: the people of the force.
import type { StaffClient } from "@sworn/client";
import type { BoroughId, Person, PersonId } from "@sworn/contract";
import { openStaff } from "../api.ts";
import type { ServerFlags } from "../credentials.ts";
import { CliError } from "../exit.ts";
import { table } from "../output.ts";
import { addCommand, addGroup, type AddCommand } from "../settle-command.ts";
import { serverOptions } from "../server-options.ts";

interface AddOptions extends ServerFlags {
  name: string;
  collar?: string;
  borough?: string;
  administrator?: boolean;
}

/** The id of a borough by its id, slug or name. */
export async function findBorough(staff: StaffClient, named: string): Promise<BoroughId> {
  const { boroughs } = await staff.listBoroughs();
  const wanted = named.toLowerCase();
  const found = boroughs.find(({ id, slug, name }) => [id, slug, name.toLowerCase()].includes(wanted));
  if (found === undefined) {
    const known = boroughs.map(({ name }) => name).join(", ");
    throw new CliError(
      "answer-is-no",
      `Your force has no borough ${named}. It has: ${known === "" ? "none yet" : known}.`,
    );
  }
  return found.id;
}

export const addPerson: AddCommand = (parent, world) => {
  const group = addGroup(parent, "person", "the people of your force");
  addCommand<AddOptions>(group, world, {
    usage: "add",
    summary: "add a person (administrators)",
    example: 'sworn person add --name "B. Smith" --collar MX123 --borough Camden',
    declare: (command) =>
      serverOptions(
        command
          .requiredOption("--name <name>", "as colleagues know them")
          .option("--collar <number>", "collar number")
          .option("--borough <borough>", "name, slug or id")
          .option("--administrator", "may add people, keys, boroughs and teams"),
      ),
    async run({ options, output }) {
      const staff = await openStaff(world, options);
      const { name, collar, borough, administrator } = options;
      const person = await staff.addPerson({
        name,
        ...(collar === undefined ? {} : { collarNumber: collar }),
        ...(borough === undefined ? {} : { boroughId: await findBorough(staff, borough) }),
        ...(administrator === true ? { administrator } : {}),
      });
      output.json(person);
      output.say(`${person.name} is added: ${person.id}`);
      output.say(`Next: a key of their own.  sworn key create --person ${person.id} --label laptop`);
    },
  });
  addCommand<ServerFlags>(group, world, {
    usage: "list",
    summary: "list the people",
    example: "sworn person list",
    declare: serverOptions,
    async run({ options, output }) {
      const staff = await openStaff(world, options);
      const people: Person[] = [];
      for (let after: PersonId | undefined; ;) {
        const page: Awaited<ReturnType<StaffClient["listPeople"]>> = await staff.listPeople(after);
        people.push(...page.people);
        if (page.next === null) break;
        after = page.next;
      }
      output.json(people);
      const rows = people.map(({ id, name, collarNumber, administrator }) => [
        id,
        name,
        collarNumber ?? "-",
        administrator ? "administrator" : "",
      ]);
      for (const line of table(["id", "name", "collar", "role"], rows)) output.say(line);
    },
  });
};
