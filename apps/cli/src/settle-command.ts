// How each command is declared: its help has an example, it takes --json, and what it throws becomes an exit code.
import type { Command } from "commander";
import { createOutput, type Output } from "./output.ts";
import type { World } from "./world.ts";

export interface Run<Options> {
  readonly options: Options;
  readonly output: Output;
  readonly world: World;
  readonly arguments: readonly string[];
}

export interface Declaration<Options> {
  /** Name and arguments, as `show <recording>`. */
  readonly usage: string;
  readonly summary: string;
  /** More about it, in whole sentences. */
  readonly about?: string;
  /** A line that works as it stands, but for ids and paths. */
  readonly example: string;
  declare?(command: Command): void;
  run(run: Run<Options>): Promise<void>;
}

export type AddCommand = (parent: Command, world: World) => void;

/** Adds a command to its parent. */
export function addCommand<Options extends object>(
  parent: Command,
  world: World,
  declaration: Declaration<Options>,
): Command {
  const command = parent
    .command(declaration.usage)
    .summary(declaration.summary)
    .description(
      declaration.about === undefined
        ? declaration.summary
        : `${declaration.summary}.\n\n${declaration.about}`,
    );
  declaration.declare?.(command);
  command.option("--json", "one JSON value on standard output, for machines");
  command.addHelpText("after", `\nExample:\n  ${declaration.example}`);
  command.action(async (...given: unknown[]) => {
    const options = command.opts<Options & { json?: boolean }>();
    const words = given
      .slice(0, -2)
      .flat()
      .filter((word) => typeof word === "string");
    await declaration.run({
      options,
      world,
      output: createOutput(world, options.json === true),
      arguments: words,
    });
  });
  return command;
}

/** A group of commands, as `sworn hold`. */
export function addGroup(parent: Command, name: string, summary: string): Command {
  return parent.command(name).summary(summary).description(summary).helpCommand(false);
}
