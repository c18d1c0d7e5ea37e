// What the contestants have in common: the same places are asked for, by the same client, of whoever listens.
import type { ContestantGiven, Running } from "../harness/bench.ts";
import { startChild } from "../harness/child.ts";
import type { RangeLoad, RangeResult, RangeTarget } from "./range-client.ts";

/** Of two seconds at 5 Mbit/s each. */
export const fragmentsOf = ({ quick }: Pick<ContestantGiven, "quick">): number => (quick ? 8 : 100);

/** `close` ends the server. */
export function serveRanges(
  given: ContestantGiven,
  target: RangeTarget,
  server: { readonly close: () => Promise<void>; readonly processes?: readonly number[] },
): Running {
  const { rangeBytes, order, megabytes } = given.settings as {
    readonly rangeBytes: number;
    readonly order: RangeLoad["order"];
    readonly megabytes: number;
  };
  const client = startChild(new URL("ranges-client-process.ts", import.meta.url));
  const bytes = (given.quick ? 4 : megabytes) * 1_000_000;
  let seed = 0;
  return {
    async round() {
      seed += 1;
      const load: RangeLoad = {
        ...{ rangeBytes, order, seed, connections: 4 },
        requests: Math.ceil(bytes / rangeBytes),
      };
      const result = (await client.call("load", { target, load })) as RangeResult;
      return { bytes: result.bytes, operations: result.bytes / rangeBytes };
    },
    processes: () => server.processes ?? [],
    async close() {
      await client.close();
      await server.close();
    },
  };
}
