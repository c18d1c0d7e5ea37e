// `npm test`: what the machine needs, every static check, every test. Guarantees that its last line is
// `N passed, N failed` and that its exit code is 0 only if nothing failed and something ran.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { needs, provideNeeds, slowNeeds } from "./system-needs.ts";
import { add, countVitest, parseReport, summarise, type Counts } from "./test-report.ts";
import { folderSteps, runStep, staticSteps, vitestStep, type Step } from "./test-steps.ts";

const STATIC_STEPS_AT_ONCE = 2;
const usage = "usage: npm test | npm run test:quick -- FOLDER… (for example packages/ledger)";

function tell(name: string, ok: boolean, tookMs: number): void {
  console.log(`${ok ? "ok  " : "FAIL"}  ${name.padEnd(11)} ${(tookMs / 1000).toFixed(1)} s`);
}

function setUp(): boolean {
  const missing = provideNeeds(needs);
  if (missing.length === 0) {
    for (const { name, debianPackage } of provideNeeds(slowNeeds))
      console.log(
        `${name} was not found: tests that need it are skipped (apt-get install ${debianPackage}).`,
      );
    return true;
  }
  for (const { name } of missing) console.log(`${name} was not found.`);
  console.log("Install it with this command, then run the tests again:");
  console.log(
    `  sudo apt-get install --no-install-recommends ${missing.map((need) => need.debianPackage).join(" ")}`,
  );
  return false;
}

async function runStatic(steps: Step[]): Promise<Counts> {
  const waiting = [...steps];
  let counts: Counts = { passed: 0, failed: 0, skipped: 0 };
  const work = async (): Promise<void> => {
    for (let step = waiting.shift(); step !== undefined; step = waiting.shift()) {
      const { exitCode, output, tookMs } = await runStep(step, false);
      const ok = exitCode === 0;
      tell(step.name, ok, tookMs);
      if (!ok) console.log(output.trimEnd().replace(/^/gm, "      "));
      counts = add(counts, { passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0 });
    }
  };
  await Promise.all(Array.from({ length: STATIC_STEPS_AT_ONCE }, work));
  return counts;
}

async function runVitest(filters: string[]): Promise<Counts> {
  const folder = mkdtempSync(join(tmpdir(), "sworn-test-"));
  try {
    const reportFile = join(folder, "report.json");
    const { exitCode, tookMs } = await runStep(vitestStep(reportFile, filters), true);
    const counts = countVitest(parseReport(readIfThere(reportFile)), exitCode);
    tell("vitest", counts.failed === 0, tookMs);
    return counts;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function readIfThere(file: string): string | null {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return null;
  }
}

async function main([mode, ...folders]: string[]): Promise<number> {
  const quick = mode === "--quick";
  if ((mode !== undefined && !quick) || (quick && folders.length === 0)) {
    console.error(usage);
    return 2;
  }
  if (!quick && !setUp()) {
    console.log(summarise({ passed: 0, failed: 1, skipped: 0 }));
    return 3;
  }
  const counts = add(await runStatic(quick ? folderSteps(folders) : staticSteps), await runVitest(folders));
  console.log(summarise(counts));
  return counts.failed === 0 ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2));
