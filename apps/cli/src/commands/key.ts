// sworn key create|list|revoke: personal API keys.
import type { ApiKeyId, PersonId } from "@sworn/contract";
import { openStaff } from "../api.ts";
import { checkedId } from "../ids.ts";
import { saveCredentials, type ServerFlags } from "../credentials.ts";
import { table } from "../output.ts";
import { addCommand, addGroup, type AddCommand } from "../settle-command.ts";
import { serverOptions } from "../server-options.ts";
import { resolve } from "node:path";

interface CreateOptions extends ServerFlags {
  person: string;
  label: string;
  days?: string;
  save?: string;
}

export const addKey: AddCommand = (parent, world) => {
  const group = addGroup(parent, "key", "personal API keys");
  addCommand<CreateOptions>(group, world, {
    usage: "create",
    summary: "issue a key to a person (administrators); it is shown once",
    example: "sworn key create --person 0b7c… --label laptop --save second.json",
    declare: (command) =>
      serverOptions(
        command
          .requiredOption("--person <id>", "whose key it is")
          .requiredOption("--label <text>", "what it is for")
          .option("--days <number>", "how long it is good for; 365 unless given")
          .option("--save <file>", "save it there, for --key-file, in place of showing it"),
      ),
    async run({ options, output }) {
      const staff = await openStaff(world, options);
      const { person, label, days, save } = options;
      const made = await staff.issueApiKey({
        personId: checkedId<PersonId>(person, "--person"),
        label,
        ...(days === undefined ? {} : { validForDays: Number(days) }),
      });
      if (save === undefined) {
        output.json(made);
        output.say(`The key, shown this once:  ${made.secret}`);
      } else {
        const path = resolve(world.folder, save);
        await saveCredentials(path, { url: staff.api.server, apiKey: made.secret });
        const { secret: _secret, ...apiKey } = made;
        output.json({ ...apiKey, keyFile: path });
        output.say(`The key is saved in ${path}, for you alone.`);
      }
      output.say(`Good until ${made.expiresAt.slice(0, 10)}. Revoke it with:  sworn key revoke ${made.id}`);
    },
  });
  addCommand<ServerFlags>(group, world, {
    usage: "list",
    summary: "list your keys, without their secrets",
    example: "sworn key list",
    declare: serverOptions,
    async run({ options, output }) {
      const staff = await openStaff(world, options);
      const { apiKeys } = await staff.listApiKeys();
      output.json(apiKeys);
      const rows = apiKeys.map(({ id, label, expiresAt, revokedAt }) => [
        id,
        label,
        revokedAt === null ? `until ${expiresAt.slice(0, 10)}` : "revoked",
      ]);
      for (const line of table(["id", "label", "good"], rows)) output.say(line);
    },
  });
  addCommand<ServerFlags>(group, world, {
    usage: "revoke <key>",
    summary: "revoke a key: yours, or anybody's as an administrator",
    example: "sworn key revoke 6f3a…",
    declare: serverOptions,
    async run({ options, output, arguments: [id = ""] }) {
      const staff = await openStaff(world, options);
      await staff.revokeApiKey(checkedId<ApiKeyId>(id, "A key"));
      output.json({ id, revoked: true });
      output.say("The key is revoked.");
    },
  });
};
