// The power cuts as a suite of named parts, for `npm run test:powercut` and, shortened, for the tests.
import { onTusFileStore, underEatmydata, withoutFolderSync } from "./can-fail.ts";
import { postgresCuts } from "./postgres-cuts.ts";
import { serverCuts } from "./server-cuts.ts";
import { vaultCuts, type CutOptions } from "./vault-cuts.ts";

export interface SuiteFault {
  readonly part: string;
  readonly error: unknown;
}

/** What must lose data here, or the suite is worth nothing. */
const saboteurs = {
  "the store without its folder syncs": withoutFolderSync,
  "the store under eatmydata": underEatmydata,
  "@tus/server's file store": onTusFileStore,
} as const;

const real = { vault: vaultCuts, postgres: postgresCuts, server: serverCuts } as const;

export const parts = ["can-fail", ...Object.keys(real)] as const;

/** Whole servers are costly: one cut of them for so many of the others. */
const CUTS_FOR_ONE_SERVER = 5;

export interface PowercutOptions extends CutOptions {
  /** All parts unless given. */
  readonly only?: readonly string[];
  readonly say: (line: string) => void;
}

/** Runs every part, also after one failed; gives those that did. */
export async function powercutSuite(options: PowercutOptions): Promise<SuiteFault[]> {
  const { only, say, cuts, seed, onCut } = options;
  const wanted = (part: string): boolean => only?.includes(part) ?? true;
  const faults: SuiteFault[] = [];
  const attempt = async (part: string, work: () => Promise<string>): Promise<void> => {
    const startedAt = performance.now();
    try {
      const said = await work();
      say(`ok    ${said} (${((performance.now() - startedAt) / 1000).toFixed(0)} s)`);
    } catch (error) {
      say(`FAIL  ${part}: ${error instanceof Error ? error.message : String(error)}`);
      faults.push({ part, error });
    }
  };
  if (wanted("can-fail")) {
    for (const [name, lose] of Object.entries(saboteurs)) {
      await attempt(name, async () => {
        const loss = await lose();
        if (loss === null)
          throw new Error("a power cut lost nothing of it: the suite would miss a real loss");
        return `${name} is caught: ${loss}`;
      });
    }
  }
  for (const [part, cut] of Object.entries(real)) {
    if (!wanted(part)) continue;
    await attempt(part, async () => {
      const number = part === "server" ? Math.ceil(cuts / CUTS_FOR_ONE_SERVER) : cuts;
      const report = await cut({ cuts: number, seed, ...(onCut ? { onCut } : {}) });
      return `${part}: ${report.cuts.toString()} cuts, ${report.acknowledged.toString()} acknowledgements, nothing lost`;
    });
  }
  return faults;
}
