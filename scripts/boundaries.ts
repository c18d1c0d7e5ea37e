// Checks the dependency rules of .dependency-cruiser.mjs against a tree. Guarantees that it looked: a source
// file that the cruiser did not see is an error, because a rule that sees nothing finds nothing.
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { cruise, type ICruiseResult } from "dependency-cruiser";
import extractDepcruiseConfig from "dependency-cruiser/config-utl/extract-depcruise-config";
import { listFiles, root, runAsMain } from "./tree.ts";

const FOLDERS = ["packages", "apps", "scripts", "e2e", "bench"];

export interface Violation {
  rule: string;
  from: string;
  to: string;
}

export interface Findings {
  violations: Violation[];
  /** Source files under the folders that the cruiser did not look at. Always empty unless it is broken. */
  unseen: string[];
  moduleCount: number;
}

/** The configured rules: name and the reason that is shown with a violation. */
export async function readRules(): Promise<Map<string, string>> {
  const config = await extractDepcruiseConfig(resolve(root, ".dependency-cruiser.mjs"));
  return new Map((config.forbidden ?? []).map((rule) => [rule.name ?? "", rule.comment ?? ""]));
}

/** Applies every rule to the tree at `baseDir` (the repository, or a fixture laid out like it). */
export async function findViolations(baseDir: string): Promise<Findings> {
  const { options, forbidden } = await extractDepcruiseConfig(resolve(root, ".dependency-cruiser.mjs"));
  const folders = FOLDERS.filter((folder) => existsSync(resolve(baseDir, folder)));
  const { output } = await cruise(folders, {
    ...options,
    baseDir,
    validate: true,
    ruleSet: { forbidden: forbidden ?? [] },
  });
  const result = output as ICruiseResult;
  const seen = new Set(result.modules.map((module) => module.source));
  const sources = folders.flatMap((folder) => listFiles(resolve(baseDir, folder), baseDir));
  return {
    violations: result.summary.violations.map(({ rule, from, to }) => ({ rule: rule.name, from, to })),
    unseen: sources.filter((file) => /\.(ts|tsx|mts|mjs|js)$/.test(file) && !seen.has(file)),
    moduleCount: result.modules.length,
  };
}

async function main(): Promise<number> {
  const rules = await readRules();
  const { violations, unseen, moduleCount } = await findViolations(root);
  for (const [name, comment] of rules) {
    const broken = violations.filter((violation) => violation.rule === name);
    if (broken.length === 0) continue;
    console.log(`${name}: ${comment}`);
    for (const { from, to } of broken) console.log(`  ${from} → ${to}`);
  }
  for (const file of unseen) console.log(`not looked at by dependency-cruiser: ${file}`);
  const wrong = violations.length + unseen.length;
  console.log(`${String(moduleCount)} modules, ${String(rules.size)} rules, ${String(wrong)} violations`);
  return wrong === 0 && moduleCount > 0 ? 0 : 1;
}

await runAsMain(import.meta.filename, main);
