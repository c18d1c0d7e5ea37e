// Checks every file that would be committed against the rules of hygiene-rules.ts. Guarantees that it looked:
// no files is a failure.
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { checkManifest, checkName, checkText } from "./hygiene-rules.ts";
import { listCommittable, root, runAsMain } from "./tree.ts";

const MAX_TEXT_BYTES = 4 * 1024 * 1024;

function readText(file: string): string | null {
  if (statSync(join(root, file)).size > MAX_TEXT_BYTES) return null;
  const bytes = readFileSync(join(root, file));
  return bytes.includes(0) ? null : bytes.toString("utf8");
}

function main(): number {
  const files = listCommittable();
  const problems = files.flatMap((file) => {
    const text = readText(file);
    return [
      ...checkName(file),
      ...(text === null ? [] : [...checkText(file, text), ...checkManifest(file, text)]),
    ];
  });
  for (const { file, line, what } of problems) console.log(`${file}${line > 0 ? `:${line}` : ""} ${what}`);
  console.log(`${files.length} files, ${problems.length} problems`);
  return files.length > 0 && problems.length === 0 ? 0 : 1;
}

await runAsMain(import.meta.filename, main);
