// The options of every command that speaks to a server.
import type { Command } from "commander";

export function serverOptions(command: Command): Command {
  return command
    .option("--url <address>", "the server (SWORN_URL; http://127.0.0.1:8014 unless given)")
    .option(
      "--key-file <file>",
      "the file with your API key (SWORN_KEY_FILE; ~/.config/sworn/credentials.json)",
    );
}
