// The peer against itself, to see what the length of its requests does.
import type { Bench } from "../harness/bench.ts";

const MEBIBYTE = 1024 * 1024;
const module = new URL("tus-peer.ts", import.meta.url);

export const bench: Bench = {
  name: "tus-peer",
  about: "The peer alone on tmpfs: two uploads of 256 MiB side by side, in requests of 8 and of 64 MiB.",
  place: "memory",
  contestants: [
    { name: "tus 8 MiB", module, settings: { requestBytes: 8 * MEBIBYTE } },
    { name: "tus 64 MiB", module, settings: { requestBytes: 64 * MEBIBYTE } },
  ],
  aims: [],
  shows: ["bytesPerSecond", "cpuSecondsPerGigabyte", "peakMemoryBytes"],
};
