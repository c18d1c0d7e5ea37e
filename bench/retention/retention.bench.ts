// Whether the plan grows in a straight line, a destruction takes the same time however many are due, and memory is bounded.
import type { Aim, Bench, Contestant } from "../harness/bench.ts";

const counts = [1_000, 10_000, 100_000] as const;
const nameOf = (due: number): string => due.toLocaleString("en");
const most = nameOf(100_000);
const least = nameOf(1_000);

/** Twice the time for each recording would be no line any more. */
const ratio = (what: string, measure: string): Aim => ({
  what: `${what}, ${most} due ÷ ${least}`,
  ...{ contestant: most, over: least, measure, atLeast: 0.5 },
});

export const bench: Bench = {
  name: "retention",
  about:
    "The plan of a force with 1,000, 10,000 and 100,000 recordings due, and 100 of them destroyed from order to certificate, on tmpfs.",
  place: "memory",
  contestants: counts.map((due): Contestant => {
    const module = new URL("due-recordings.ts", import.meta.url);
    return { name: nameOf(due), module, settings: { due, destroyed: 100 } };
  }),
  aims: [
    ratio("planned recordings a second", "plannedPerSecond"),
    ratio("destroyed recordings a second", "destroyedPerSecond"),
    {
      what: `memory of the server's process, ${most} due ÷ ${least}`,
      ...{ contestant: most, over: least, measure: "serverMemoryBytes", atMost: 1.5 },
    },
  ],
  shows: ["plannedPerSecond", "destroyedPerSecond", "cpuSeconds", "serverMemoryBytes"],
};
