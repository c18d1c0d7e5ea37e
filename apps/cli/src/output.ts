// What a command says: for people lines of text, for machines one JSON value on standard output and nothing else.
import type { World } from "./world.ts";

export interface Output {
  readonly isJson: boolean;
  /** A line for people; nothing with --json. */
  say(line?: string): void;
  /** A line on standard error, always: what goes on, warnings. */
  note(line: string): void;
  /** The one JSON value; nothing without --json. */
  json(value: unknown): void;
}

/** Streams that hold their one JSON value already. */
const answered = new WeakSet<object>();

export const hasAnswered = (world: Pick<World, "stdout">): boolean => answered.has(world.stdout);

export function createOutput(world: Pick<World, "stdout" | "stderr">, isJson: boolean): Output {
  return {
    isJson,
    say(line = "") {
      if (!isJson) world.stdout.write(`${line}\n`);
    },
    note(line) {
      world.stderr.write(`${line}\n`);
    },
    json(value) {
      if (!isJson) return;
      world.stdout.write(`${JSON.stringify(value)}\n`);
      answered.add(world.stdout);
    },
  };
}

const controls = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** Text from outside, fit for a terminal: nothing in it can move the cursor or hide. */
export function shown(text: string): string {
  return text.replace(controls, "�");
}

/** Columns, each as wide as its widest cell; two spaces between. Numbers to the right. */
export function table(header: readonly string[], rows: readonly (readonly (string | number)[])[]): string[] {
  const cells = rows.map((row) =>
    row.map((cell) => (typeof cell === "number" ? cell.toLocaleString("en-GB") : shown(cell))),
  );
  const widths = header.map((title, column) =>
    Math.max(title.length, ...cells.map((row) => row[column]?.length ?? 0)),
  );
  const isNumber = header.map(
    (_, column) => rows.length > 0 && rows.every((row) => typeof row[column] === "number"),
  );
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return isNumber[column] === true ? cell.padStart(width) : cell.padEnd(width);
      })
      .join("  ")
      .trimEnd();
  return [line(header), ...cells.map(line)];
}

export function bytesText(sizeBytes: number): string {
  if (sizeBytes < 1_000) return `${sizeBytes.toString()} B`;
  const units = ["kB", "MB", "GB", "TB"];
  let size = sizeBytes / 1_000;
  let unit = 0;
  while (size >= 999.5 && unit < units.length - 1) {
    size /= 1_000;
    unit += 1;
  }
  return `${size < 9.95 ? size.toFixed(1) : Math.round(size).toString()} ${units[unit] ?? ""}`;
}

/** Minutes and seconds, as on a player. */
export function durationText(durationMs: number): string {
  const seconds = Math.round(durationMs / 1_000);
  const parts = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60];
  const [hours = 0, minutes = 0, rest = 0] = parts;
  const tail = `${minutes.toString().padStart(hours > 0 ? 2 : 1, "0")}:${rest.toString().padStart(2, "0")}`;
  return hours > 0 ? `${hours.toString()}:${tail}` : tail;
}

/** An instant in UTC, to the second. */
export function instantText(instant: string | number | null): string {
  if (instant === null) return "-";
  const date = new Date(instant);
  return Number.isNaN(date.getTime())
    ? "?"
    : date
        .toISOString()
        .replace("T", " ")
        .replace(/\.\d+Z$/, "Z");
}
