// Runs one command and gives its exit code. No error leaves a stack trace; with --json it is one JSON object.
import { Command, CommanderError } from "commander";
import { addCommands } from "./commands.ts";
import { EXIT_DONE, EXIT_USAGE, endingOf } from "./exit.ts";
import { hasAnswered, shown } from "./output.ts";
import type { World } from "./world.ts";

const ABOUT = `Body-worn video that anyone can check, from the lens to the court to its destruction.

Exit codes: 0 done, 1 the answer is no, 2 wrong usage, 3 could not run.`;

const VERSION = "0.1.0";

async function createProgram(words: readonly string[], world: World): Promise<Command> {
  const program = new Command("sworn");
  program.description(ABOUT).version(VERSION, "--version", "say the version");
  program.helpCommand("help [command]", "explain a command");
  await addCommands(program, world, words);
  settle(program, world);
  return program;
}

// Commander copies these to subcommands only when they are made through it, and ours may be made before.
function settle(command: Command, world: World): void {
  command.exitOverride();
  command.showHelpAfterError("Add --help to see how it is used.");
  command.configureOutput({
    writeOut: (text) => void world.stdout.write(text),
    writeErr: (text) => void world.stderr.write(text),
    getOutHelpWidth: () => world.columns,
    getErrHelpWidth: () => world.columns,
    outputError: (text, write) => {
      write(text.replace(/^error: /, "sworn: "));
    },
  });
  for (const inner of command.commands) settle(inner, world);
}

export async function runCli(words: readonly string[], world: World): Promise<number> {
  try {
    const program = await createProgram(words, world);
    await program.parseAsync(words, { from: "user" });
    return typeof process.exitCode === "number" ? process.exitCode : EXIT_DONE;
  } catch (error) {
    if (error instanceof CommanderError) return endOfCommander(error);
    const { exitCode, code, message } = endingOf(error);
    world.stderr.write(`sworn: ${message.split("\n").map(shown).join("\n")}\n`);
    // A result that says no is the one JSON value; its sentence stands on standard error.
    if (words.includes("--json") && !hasAnswered(world))
      world.stdout.write(`${JSON.stringify({ error: { code, message } })}\n`);
    return exitCode;
  }
}

function endOfCommander(error: CommanderError): number {
  if (error.code === "commander.helpDisplayed" || error.code === "commander.version") return EXIT_DONE;
  // “sworn” and “sworn help” alone are questions; a group without a command is not one that can be done.
  return error.exitCode === 0 ? EXIT_DONE : EXIT_USAGE;
}
