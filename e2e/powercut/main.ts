// `npm run test:powercut`: 100 power cuts of the vault and 100 of PostgreSQL's folder, 20 under a whole server, and the proof
// that the suite finds a loss where there is one. Exit codes: 0 nothing lost, 1 something, 2 wrong usage, 3 cannot run here.
import { provideNeeds, slowNeeds } from "../../scripts/system-needs.ts";
import { UsageError, suiteArguments } from "../suite-arguments.ts";
import { discardOnSignals, removeStale, whyNoVolumes } from "./loop-volume.ts";
import { parts, powercutSuite } from "./powercut-suite.ts";

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

async function main(given: string[]): Promise<number> {
  const { only, count, seed, verbose } = suiteArguments(given, { parts, count: "cuts", usual: 100 });
  const missing = provideNeeds(slowNeeds);
  for (const { name, debianPackage } of missing)
    say(`${name} was not found: apt-get install ${debianPackage}`);
  if (missing.length > 0) return 3;
  removeStale();
  discardOnSignals();
  const why = await whyNoVolumes();
  if (why !== null) {
    say(`Power cannot be cut here: ${why}.`);
    say("Run it as root on Linux, where loop devices can be mounted (in a container: --privileged).");
    return 3;
  }
  say(`seed ${seed.toString()}`);
  const faults = await powercutSuite({
    ...{ cuts: count, seed, say },
    ...(only === undefined ? {} : { only }),
    ...(verbose ? { onCut: say } : {}),
  });
  say(faults.length === 0 ? "No power cut lost anything." : `${faults.length.toString()} parts failed.`);
  return faults.length === 0 ? 0 : 1;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}
