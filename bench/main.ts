// `npm run bench`: runs benches and prints what came of them. Exit code 0 when all ran, whatever was reached: a speed
// depends on the machine, and CI must not fail for a slow one. With --strict it is 1 where an aim was missed.
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { BenchError } from "./harness/bench.ts";
import { killChildren } from "./harness/child.ts";
import { choose, findBenches } from "./harness/find-benches.ts";
import { describeMachine, thisMachine } from "./harness/machine.ts";
import { providePrograms } from "./harness/programs.ts";
import { markdownReport, textReport } from "./harness/report.ts";
import { runBench, type BenchResult } from "./harness/run-bench.ts";
import { removeAllScratch } from "./harness/scratch.ts";
import { writePage } from "./harness/write-page.ts";

const LEAST_ROUNDS = 10;
const usage =
  "npm run bench -- [NAME…] [--list] [--rounds N] [--quick] [--strict] [--json FILE] [--write] [--node-flag FLAG]";

function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        list: { type: "boolean", default: false },
        rounds: { type: "string" },
        quick: { type: "boolean", default: false },
        strict: { type: "boolean", default: false },
        json: { type: "string" },
        write: { type: "boolean", default: false },
        "node-flag": { type: "string", multiple: true, default: [] },
      },
    });
  } catch (cause) {
    throw new BenchError("bad-arguments", cause instanceof Error ? cause.message : "bad arguments", cause);
  }
}

function roundsOf(text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new BenchError("bad-arguments", "--rounds is a number from 1");
  return Number(text);
}

async function main(): Promise<number> {
  const { values, positionals } = readArguments();
  const benches = choose(await findBenches(), positionals);
  if (values.list) {
    for (const bench of benches) console.log(`${bench.name.padEnd(24)} ${bench.about}`);
    return 0;
  }
  providePrograms(benches);
  const machine = thisMachine();
  console.log(`${describeMachine(machine)}\n`);
  const results: BenchResult[] = [];
  for (const bench of benches) {
    const rounds = roundsOf(values.rounds, values.quick ? 1 : (bench.rounds ?? LEAST_ROUNDS));
    const result = await runBench(bench, {
      rounds,
      quick: values.quick,
      nodeFlags: values["node-flag"],
      onProgress: (text) => process.stderr.write(`${text}\n`),
    });
    results.push(result);
    console.log(textReport(bench, result));
    if (values.write) writePage(bench.name, markdownReport(bench, result, describeMachine(machine)));
  }
  if (values.json !== undefined)
    writeFileSync(values.json, `${JSON.stringify({ machine, results }, null, 2)}\n`);
  const missed = results.flatMap((result) => result.judgements).filter((judgement) => !judgement.isReached);
  return values.strict && missed.length > 0 ? 1 : 0;
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.once(signal, () => {
    killChildren();
    removeAllScratch();
    process.exit(130);
  });
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof BenchError)) throw error;
  console.error(error.code === "bad-arguments" ? `${error.message}\n${usage}` : error.message);
  process.exitCode = error.code === "missing-program" ? 3 : 2;
} finally {
  removeAllScratch();
}
