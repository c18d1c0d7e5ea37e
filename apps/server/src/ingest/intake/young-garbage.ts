// Collects the young generation after so many bytes of buffers. A buffer's bytes lie outside the heap and its JavaScript
// object is tiny: left alone, they pile up until V8 marks the whole heap for their sake, again every few dozen megabytes.
// That was a third of the time of a fast upload; a young collection finds them dead in half a millisecond.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

const STEP_BYTES = 4 * 1024 * 1024;

type Collect = (options: { readonly type: "minor" }) => void;

function findCollect(): Collect | null {
  setFlagsFromString("--expose-gc");
  const found: unknown = runInNewContext("typeof gc === 'function' ? gc : null");
  return typeof found === "function" ? (found as Collect) : null;
}

let collect: Collect | null | undefined;
let sinceBytes = 0;

/** To be told of buffers as they come; each thread has its own count. */
export function noteBuffers(sizeBytes: number): void {
  sinceBytes += sizeBytes;
  if (sinceBytes < STEP_BYTES) return;
  sinceBytes = 0;
  collect ??= findCollect();
  collect?.({ type: "minor" });
}
