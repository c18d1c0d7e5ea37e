// What the benches of byte ranges have in common.
import type { Aim, Bench, Contestant } from "../harness/bench.ts";

export function rangesBench(given: {
  readonly name: string;
  readonly rangeBytes: number;
  readonly rangeText: string;
  /** Asked for in a round. */
  readonly megabytes: number;
  readonly overPlain: number;
  readonly overNginx: number | null;
}): Bench {
  const { name, rangeBytes, rangeText, megabytes, overPlain, overNginx } = given;
  const settings = { rangeBytes, megabytes, order: "random" };
  const contestant = (of: string, file: string): Contestant => ({
    ...{ name: of, settings },
    module: new URL(file, import.meta.url),
  });
  const ratio = (over: string, atLeast: number): Aim => ({
    what: `decrypting range reads of ${rangeText} ÷ ${over}`,
    ...{ contestant: "sworn", over, measure: "bytesPerSecond", atLeast },
  });
  return {
    name,
    about: `${String(megabytes)} MB in ranges of ${rangeText} from any place of a recording of 125 MB, over 4 connections: Sworn asks for the play's cookie and decrypts, the peers send a file.`,
    place: "disk",
    ...(overNginx === null ? {} : { needs: ["nginx"] as const }),
    contestants: [
      contestant("sworn", "sworn-ranges.ts"),
      contestant("createReadStream", "plain-ranges.ts"),
      ...(overNginx === null ? [] : [contestant("nginx", "nginx-ranges.ts")]),
    ],
    aims: [ratio("createReadStream", overPlain), ...(overNginx === null ? [] : [ratio("nginx", overNginx)])],
    shows: ["bytesPerSecond", "operationsPerSecond", "cpuSecondsPerGigabyte", "peakMemoryBytes"],
  };
}
