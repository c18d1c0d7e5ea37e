// `npm run simulate`: runs seeds of the deterministic simulation and says of each that fails how to run it again.
// First of all: what follows loads the product.
import { takenProcess } from "./machine/take-over-process.ts";
import { parseArgs } from "node:util";
import { findKnownBugs } from "./find-known-bugs.ts";
import { knownBugs } from "./known-bugs.ts";
import { runSeed } from "./run-seed.ts";

const USAGE = `Usage: npm run simulate -- [--seed N] [--seeds COUNT] [--steps K] [--break NAME] [--trace] [--seconds S]
  --seed N      the first seed; one of chance unless given
  --seeds COUNT so many seeds from there on; 1 with --seed, else 10
  --steps K     operations of each schedule; 40 unless given
  --seconds S   start no further seed after so many seconds
  --until-found end at the first seed that fails
  --trace       show every event
  --breaks      every known bug, or those named by --break, must be found; by up to 12 seeds from 1 on unless given
  --break NAME  put in a known bug: ${knownBugs.map(({ name }) => name).join(", ")}
Example: npm run simulate -- --seed 7 --trace
`;

function numberOf(text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  const value = Number(text);
  return Number.isSafeInteger(value) && value >= 0 ? value : Number.NaN;
}

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      ...{ seed: { type: "string" }, seeds: { type: "string" }, steps: { type: "string" } },
      ...{ seconds: { type: "string" }, trace: { type: "boolean" }, breaks: { type: "boolean" } },
      ...{ help: { type: "boolean" }, "until-found": { type: "boolean" } },
      break: { type: "string", multiple: true },
    },
  });
  const first = numberOf(values.seed, Math.floor(Math.random() * 1_000_000_000));
  const count = numberOf(values.seeds, values.seed === undefined ? 10 : 1);
  const steps = numberOf(values.steps, 40);
  const seconds = numberOf(values.seconds, Number.MAX_SAFE_INTEGER);
  const named = values.break ?? [];
  const bugs = knownBugs.filter(({ name }) => named.includes(name));
  const isWrong =
    [first, count, steps, seconds].some(Number.isNaN) ||
    bugs.length !== named.length ||
    (named.length > 1 && values.breaks !== true);
  if (values.help === true || isWrong) {
    process.stdout.write(USAGE);
    return isWrong ? 2 : 0;
  }
  if (values.breaks === true) {
    const missed = await findKnownBugs(takenProcess, {
      ...{ bugs: bugs.length > 0 ? bugs : knownBugs, say },
      ...{ firstSeed: numberOf(values.seed, 1), seeds: numberOf(values.seeds, 12) },
      steps: numberOf(values.steps, 16),
    });
    return missed === 0 ? 0 : 1;
  }
  const [bug = null] = bugs;
  const startedAt = performance.now();
  let failed = 0;
  let run = 0;
  for (let seed = first; seed < first + count; seed += 1) {
    if (performance.now() - startedAt > seconds * 1_000) break;
    run += 1;
    const result = await runSeed(takenProcess, {
      ...{ seed, steps, bug },
      ...(values.trace === true ? { tell: say } : {}),
    });
    if (result.violation === null) {
      say(`seed ${String(seed)}: holds, trace ${result.hash}`);
      continue;
    }
    failed += 1;
    say(`seed ${String(seed)}: BROKEN, trace ${result.hash}`);
    say(`  invariant: ${result.violation.invariant}`);
    say(`  ${result.violation.message}`);
    if (values.trace === true && result.violation.cause !== undefined) {
      const { cause } = result.violation;
      say(cause instanceof Error ? (cause.stack ?? cause.message) : JSON.stringify(cause));
      if (cause instanceof Error && cause.cause instanceof Error) say(`caused by ${cause.cause.stack ?? ""}`);
    }
    for (const line of result.lastLines) say(`  | ${line}`);
    const flags = `--seed ${String(seed)} --steps ${String(steps)}${bug ? ` --break ${bug.name}` : ""}`;
    say(`  again: npm run simulate -- ${flags} --trace`);
    if (values["until-found"] === true) break;
  }
  const took = Math.round((performance.now() - startedAt) / 1_000);
  say(`${String(run)} seeds, ${String(failed)} broken, ${String(took)} s`);
  return failed === 0 ? 0 : 1;
}

process.exit(await main());
