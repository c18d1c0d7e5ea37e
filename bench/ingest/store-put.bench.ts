// The store alone, without cryptography, as a plain HTTP server would use it, against nginx.
import type { Bench } from "../harness/bench.ts";

export const bench: Bench = {
  name: "store-put",
  about:
    "Two bodies of 192 MB side by side by PUT over loopback, on tmpfs: the folder store in durable parts of 8 MiB, and nginx.",
  place: "memory",
  needs: ["nginx"],
  contestants: [
    { name: "store", module: new URL("store-server.ts", import.meta.url) },
    { name: "nginx", module: new URL("nginx-peer.ts", import.meta.url) },
  ],
  aims: [
    {
      what: "the store without cryptography ÷ nginx writing a PUT body",
      contestant: "store",
      over: "nginx",
      measure: "bytesPerSecond",
      atLeast: 0.7,
    },
  ],
  shows: ["bytesPerSecond", "cpuSecondsPerGigabyte"],
};
