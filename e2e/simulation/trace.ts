// What happened, in logical names: no id, hash or key of a run is in it, so that one seed gives one trace.
import { createHash } from "node:crypto";

export class Trace {
  readonly #lines: string[] = [];
  readonly #tell: ((line: string) => void) | null;

  constructor(tell: ((line: string) => void) | null) {
    this.#tell = tell;
  }

  add(line: string): void {
    this.#lines.push(line);
    this.#tell?.(line);
  }

  last(count: number): readonly string[] {
    return this.#lines.slice(-count);
  }

  /** SHA-256 over all lines, shortened. */
  hash(): string {
    return createHash("sha256").update(this.#lines.join("\n")).digest("hex").slice(0, 16);
  }
}

/** An error as the trace names it: by its code. */
export function codeOf(error: unknown): string {
  if (error instanceof Error && "code" in error && typeof error.code === "string") return error.code;
  return error instanceof Error ? error.name : typeof error;
}
