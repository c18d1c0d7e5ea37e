// Finds every bench of the repository: the files `bench/**/*.bench.ts`, by the name that each gives itself.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { BenchError, type Bench } from "./bench.ts";

export async function findBenches(): Promise<Bench[]> {
  const folder = join(import.meta.dirname, "..");
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".bench.ts"))
    .sort();
  const benches: Bench[] = [];
  for (const file of files) {
    const loaded = (await import(pathToFileURL(join(folder, file)).href)) as { readonly bench?: Bench };
    if (loaded.bench === undefined) throw new BenchError("bad-arguments", `${file} exports no "bench"`);
    benches.push(loaded.bench);
  }
  return benches;
}

/** Those with these names, in the order of the names; all for none. @throws BenchError `bad-arguments` */
export function choose(benches: readonly Bench[], names: readonly string[]): Bench[] {
  if (names.length === 0) return [...benches];
  return names.map((name) => {
    const found = benches.find((bench) => bench.name === name);
    if (found !== undefined) return found;
    throw new BenchError("bad-arguments", `There is no bench "${name}". npm run bench -- --list names them.`);
  });
}
