// What a command is given of the outside: streams, environment, folder. A test gives others.
import type { Writable } from "node:stream";

export interface World {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly stdout: Writable;
  readonly stderr: Writable;
  /** Whether a person watches the standard error stream, so that progress may be drawn. */
  readonly isWatched: boolean;
  /** Whether standard output takes colour. */
  readonly hasColour: boolean;
  /** Columns of the terminal; 80 where there is none. */
  readonly columns: number;
  /** Absolute path. */
  readonly folder: string;
}

export function realWorld(): World {
  const { env, stdout, stderr } = process;
  const isPlain = env["NO_COLOR"] !== undefined && env["NO_COLOR"] !== "";
  return {
    environment: env,
    stdout,
    stderr,
    isWatched: stderr.isTTY && env["CI"] === undefined && env["TERM"] !== "dumb",
    hasColour: stdout.isTTY && !isPlain && env["TERM"] !== "dumb",
    columns: Math.max(40, Math.min(120, stdout.columns || 80)),
    folder: process.cwd(),
  };
}
