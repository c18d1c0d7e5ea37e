// sworn setup: founds a force with the server's one-time code, and keeps its administrator's key.
import { Api, peopleCalls } from "@sworn/client";
import { credentialsPath, findUrl, saveCredentials, type ServerFlags } from "../credentials.ts";
import { addCommand, type AddCommand } from "../settle-command.ts";
import { serverOptions } from "../server-options.ts";
import { slugOf } from "../slug.ts";

interface Options extends ServerFlags {
  code: string;
  force: string;
  slug?: string;
  person: string;
  collar?: string;
}

export const addSetup: AddCommand = (parent, world) => {
  addCommand<Options>(parent, world, {
    usage: "setup",
    summary: "found a force with the server's one-time code",
    about:
      "The server shows the code in its log at the first start. The administrator's API key is saved where the other " +
      "commands look for it, readable by you alone.",
    example: 'sworn setup --code ABCDE-12345-FGHJK-67890 --force "Metropolitan Police" --person "A. Jones"',
    declare: (command) =>
      serverOptions(
        command
          .requiredOption("--code <code>", "the one-time code")
          .requiredOption("--force <name>", "the force's name, as the public knows it")
          .option("--slug <slug>", "its short name; made from the name unless given")
          .requiredOption("--person <name>", "who administers the force: you")
          .option("--collar <number>", "your collar number"),
      ),
    async run({ options, output }) {
      const url = await findUrl(world, options);
      const { code, force, person, collar } = options;
      const made = await peopleCalls(new Api({ server: url })).setUp({
        code,
        force: { name: force, slug: options.slug ?? slugOf(force) },
        person: { name: person, ...(collar === undefined ? {} : { collarNumber: collar }) },
      });
      const path = credentialsPath(world, options);
      try {
        await saveCredentials(path, { url, apiKey: made.apiKey.secret });
      } catch (cause) {
        // The server shows it this once: better on the screen than lost.
        output.note(`The key could not be saved. It is shown this once: ${made.apiKey.secret}`);
        throw cause;
      }
      const { secret: _secret, ...apiKey } = made.apiKey;
      output.json({ force: made.force, person: made.person, apiKey, keyFile: path });
      output.say(`${made.force.name} is founded; ${made.person.name} administers it.`);
      output.say(`  force   ${made.force.id}`);
      output.say(`  person  ${made.person.id}`);
      output.say(
        `  key     saved in ${path}, for you alone; good until ${made.apiKey.expiresAt.slice(0, 10)}`,
      );
      output.say();
      output.say(`Next: enrol a camera.  sworn camera enrol cameras/0001 --name CAM-0001`);
    },
  });
};
