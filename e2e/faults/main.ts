// `npm run test:faults`: 500 rounds of kill -9, 25 of failing syncs, 10 of full disks. Exit codes: 0 nothing lost, 1 something,
// 2 wrong usage, 3 a part could not run here.
import { provideNeeds, slowNeeds } from "../../scripts/system-needs.ts";
import { discardOnSignals, removeStale, whyNoVolumes } from "../powercut/loop-volume.ts";
import { UsageError, suiteArguments } from "../suite-arguments.ts";
import { faultsSuite, parts } from "./faults-suite.ts";

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

async function main(given: string[]): Promise<number> {
  const { only, count, seed, verbose } = suiteArguments(given, { parts, count: "rounds", usual: 500 });
  const missing = provideNeeds(slowNeeds);
  for (const { name, debianPackage } of missing)
    say(`${name} was not found: apt-get install ${debianPackage}`);
  if (missing.length > 0) return 3;
  removeStale();
  discardOnSignals();
  say(`seed ${seed.toString()}`);
  const { failed, skipped } = await faultsSuite({
    ...{ rounds: count, seed, say, whyNoVolumes: await whyNoVolumes() },
    ...(only === undefined ? {} : { only }),
    ...(verbose ? { onRound: say } : {}),
  });
  say(failed === 0 ? "Nothing that was acknowledged was lost." : `${failed.toString()} parts failed.`);
  if (failed > 0) return 1;
  return skipped > 0 ? 3 : 0;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}
