// Puts results into docs/reference/performance.md, between the marks of each bench; what is written around them stays.
import { readFileSync, writeFileSync } from "node:fs";

export const PAGE = new URL("../../docs/reference/performance.md", import.meta.url);

function marksOf(name: string): readonly [string, string] {
  return [`<!-- bench ${name} -->`, `<!-- end ${name} -->`];
}

/** The page with this bench's tables in place; a bench that has no marks yet comes at the end. */
export function withTables(page: string, name: string, tables: string): string {
  const [first, last] = marksOf(name);
  const from = page.indexOf(first);
  const to = page.indexOf(last);
  const block = `${first}\n\n${tables}\n\n${last}`;
  if (from === -1 || to < from) return `${page.trimEnd()}\n\n## ${name}\n\n${block}\n`;
  return page.slice(0, from) + block + page.slice(to + last.length);
}

export function writePage(name: string, tables: string): void {
  writeFileSync(PAGE, withTables(readFileSync(PAGE, "utf8"), name, tables));
}
