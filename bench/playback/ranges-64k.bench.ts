// Byte ranges of 64 KiB, decrypted as they are asked for, against servers that send a plain file.
import { rangesBench } from "./ranges-bench.ts";

export const bench = rangesBench({
  name: "ranges-64k",
  rangeBytes: 64 * 1024,
  rangeText: "64 KiB",
  megabytes: 130,
  overPlain: 1.0,
  overNginx: null,
});
