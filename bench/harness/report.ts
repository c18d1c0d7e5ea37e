// Results as tables: for the terminal, and the same as Markdown for docs/reference/performance.md.
import type { Bench } from "./bench.ts";
import type { Judgement } from "./judge.ts";
import type { BenchResult } from "./run-bench.ts";
import { spreadOf } from "./statistics.ts";

const THREE = 3;

/** A number with the unit that its measure's name ends in. */
export function formatMeasure(measure: string, value: number): string {
  if (!Number.isFinite(value)) return "–";
  if (/BytesPerSecond$|^bytesPerSecond$/.test(measure)) return `${short(value / 1e6)} MB/s`;
  if (/SecondsPerGigabyte$/.test(measure)) return `${short(value)} s/GB`;
  if (/PerSecond$/.test(measure)) return `${short(value)}/s`;
  if (/Bytes$|^bytes$/.test(measure)) return `${short(value / 1e6)} MB`;
  if (/Ms$/.test(measure)) return `${short(value)} ms`;
  if (/Seconds$/.test(measure)) return `${short(value)} s`;
  return short(value);
}

function short(value: number): string {
  return Math.abs(value) >= 1_000
    ? Math.round(value).toString()
    : Number(value.toPrecision(THREE)).toString();
}

function titleOf(measure: string): string {
  return measure.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

function aimOf({ atLeast, atMost, measure, isRatio }: Judgement): string {
  const show = (value: number): string => (isRatio ? value.toString() : formatMeasure(measure, value));
  const bounds = [
    atLeast === null ? "" : `at least ${show(atLeast)}`,
    atMost === null ? "" : `at most ${show(atMost)}`,
  ];
  return bounds.filter((bound) => bound !== "").join(", ");
}

function aimRows(result: BenchResult): string[][] {
  return result.judgements.map((judgement) => {
    const { isRatio, measure, reached, spread, isReached } = judgement;
    const show = (value: number): string => (isRatio ? value.toFixed(2) : formatMeasure(measure, value));
    return [
      judgement.what,
      aimOf(judgement),
      show(reached),
      `${show(spread.lowerQuartile)} – ${show(spread.upperQuartile)}`,
      isReached ? "reached" : "missed",
    ];
  });
}

function contestantRows(bench: Bench, result: BenchResult): string[][] {
  return Object.entries(result.measured).map(([name, rows]) => [
    name,
    ...bench.shows.map((measure) => {
      const { median, lowerQuartile, upperQuartile } = spreadOf(rows.map((row) => row[measure] ?? NaN));
      const range = [lowerQuartile, upperQuartile].map((value) => formatMeasure(measure, value)).join(" – ");
      return rows.length < THREE
        ? formatMeasure(measure, median)
        : `${formatMeasure(measure, median)} (${range})`;
    }),
  ]);
}

type Draw = (head: readonly string[], rows: readonly (readonly string[])[]) => string;

const drawText: Draw = (head, rows) => {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    `  ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ")}`.trimEnd();
  return [line(head), ...rows.map(line)].join("\n");
};

const drawMarkdown: Draw = (head, rows) =>
  [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");

function draw(bench: Bench, result: BenchResult, table: Draw): string {
  const aims = aimRows(result);
  const parts = [table(["Contestant", ...bench.shows.map(titleOf)], contestantRows(bench, result))];
  if (aims.length > 0) parts.unshift(table(["Aim", "Wanted", "Measured", "Middle half of rounds", ""], aims));
  return parts.join("\n\n");
}

export function textReport(bench: Bench, result: BenchResult): string {
  return `${bench.name}: ${bench.about}\n\n${draw(bench, result, drawText)}\n`;
}

export function markdownReport(bench: Bench, result: BenchResult, machine: string): string {
  const when = new Date().toISOString().slice(0, 10);
  return `${bench.about} ${result.rounds} rounds, ${when}, ${machine}.\n\n${draw(bench, result, drawMarkdown)}`;
}
