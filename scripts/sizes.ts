// Checks the size rule of DESIGN.md over the product's sources: median under 80 lines, 95th percentile
// under 300, none over 400. Long files are where two ideas live; the list says which to look at first.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isProductSource, listCommittable, root, runAsMain } from "./tree.ts";

export const LIMITS = { medianLines: 80, p95Lines: 300, maxLines: 400 };

export interface Sizes {
  medianLines: number;
  p95Lines: number;
  maxLines: number;
}

/** Nearest-rank percentiles of the line counts; all zero for none. */
export function measure(lineCounts: number[]): Sizes {
  const sorted = lineCounts.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
  return { medianLines: at(0.5), p95Lines: at(0.95), maxLines: at(1) };
}

/** Which limits are broken, in words; empty when the tree keeps them. */
export function judge(sizes: Sizes): string[] {
  const wrong: string[] = [];
  if (sizes.medianLines >= LIMITS.medianLines) {
    wrong.push(`the median file has ${sizes.medianLines} lines; it must stay under ${LIMITS.medianLines}`);
  }
  if (sizes.p95Lines >= LIMITS.p95Lines) {
    wrong.push(`the 95th percentile is ${sizes.p95Lines} lines; it must stay under ${LIMITS.p95Lines}`);
  }
  if (sizes.maxLines > LIMITS.maxLines) {
    wrong.push(`the longest file has ${sizes.maxLines} lines; none may have more than ${LIMITS.maxLines}`);
  }
  return wrong;
}

function countLines(file: string): number {
  return readFileSync(join(root, file), "utf8").replace(/\n$/, "").split("\n").length;
}

function main(): number {
  const files = listCommittable()
    .filter(isProductSource)
    .map((file) => ({ file, lines: countLines(file) }))
    .sort((a, b) => b.lines - a.lines);
  if (files.length === 0) {
    console.log("no source files found: the check looked in the wrong place");
    return 1;
  }
  const sizes = measure(files.map(({ lines }) => lines));
  const wrong = judge(sizes);
  for (const problem of wrong) console.log(problem);
  for (const { file, lines } of files.slice(0, wrong.length > 0 ? 20 : 5)) console.log(`${lines}  ${file}`);
  console.log(`${files.length} files, median ${sizes.medianLines}, 95th percentile ${sizes.p95Lines} lines`);
  return wrong.length === 0 ? 0 : 1;
}

await runAsMain(import.meta.filename, main);
