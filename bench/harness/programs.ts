// The programs that some contestants are, beyond what npm brings: found, installed where that is possible, or asked for.
import { onPath, provideNeeds, type Need } from "../../scripts/system-needs.ts";
import { BenchError, type Bench } from "./bench.ts";

/** Debian keeps servers where a person's PATH does not look. */
export function findNginx(): string | null {
  return onPath(["nginx"]) ?? onPath(["nginx"], "/usr/sbin:/usr/local/sbin");
}

const known: Record<NonNullable<Bench["needs"]>[number], Need> = {
  nginx: { name: "nginx", debianPackage: "nginx", find: findNginx },
};

/** @throws BenchError `missing-program` with the command that installs what is missing */
export function providePrograms(benches: readonly Bench[]): void {
  const wanted = [...new Set(benches.flatMap((bench) => bench.needs ?? []))].map((name) => known[name]);
  const missing = provideNeeds(wanted);
  if (missing.length === 0) return;
  const packages = missing.map((need) => need.debianPackage).join(" ");
  throw new BenchError(
    "missing-program",
    `Not found: ${packages}. Install with: sudo apt-get install --no-install-recommends ${packages}`,
  );
}

/** The benches that can run on this machine as it is. */
export function runnable(benches: readonly Bench[]): Bench[] {
  return benches.filter((bench) => (bench.needs ?? []).every((name) => known[name].find() !== null));
}
