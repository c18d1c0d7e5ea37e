// Byte ranges of 1 MiB, decrypted as they are asked for, against servers that send a plain file.
import { rangesBench } from "./ranges-bench.ts";

export const bench = rangesBench({
  name: "ranges-1m",
  rangeBytes: 1024 * 1024,
  rangeText: "1 MiB",
  megabytes: 400,
  overPlain: 1.2,
  overNginx: 0.6,
});
