// The arguments of the slow suites: `--only a,b`, one whole number each for the rest.
import { type ParseArgsOptionsConfig, parseArgs } from "node:util";

export interface SuiteArguments {
  readonly only: readonly string[] | undefined;
  readonly count: number;
  readonly seed: number;
  readonly verbose: boolean;
}

export class UsageError extends Error {
  override readonly name = "UsageError";
  readonly code = "wrong-usage";
}

function whole(text: string, name: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new UsageError(`--${name} takes a whole number`);
}

/** `count` is the option that says how much, such as `rounds`. @throws UsageError */
export function suiteArguments(
  given: readonly string[],
  known: { readonly parts: readonly string[]; readonly count: string; readonly usual: number },
): SuiteArguments {
  const usage = `usage: [--only ${known.parts.join(",")}] [--${known.count} ${known.usual.toString()}] [--seed N] [--quiet]`;
  const text = { type: "string" } as const;
  const options: ParseArgsOptionsConfig = {
    ...{ only: text, seed: text, quiet: { type: "boolean" } },
    [known.count]: text,
  };
  let values: ReturnType<typeof parseArgs>["values"];
  try {
    ({ values } = parseArgs({ args: [...given], options, strict: true }));
  } catch (cause) {
    throw new UsageError(`${cause instanceof Error ? cause.message : String(cause)}\n${usage}`, { cause });
  }
  const only = typeof values["only"] === "string" ? values["only"].split(",") : undefined;
  const unknown = only?.filter((part) => !known.parts.includes(part)) ?? [];
  if (unknown.length > 0) throw new UsageError(`there is no ${unknown.join(", ")}\n${usage}`);
  const count = values[known.count];
  const seed = values["seed"];
  return {
    only,
    count: typeof count === "string" ? whole(count, known.count) : known.usual,
    seed: typeof seed === "string" ? whole(seed, "seed") : Math.floor(Math.random() * 1e9),
    verbose: values["quiet"] !== true,
  };
}
