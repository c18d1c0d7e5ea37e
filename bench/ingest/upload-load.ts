// What a round of an ingest bench sends: the same for every contestant of it.
import type { Settings } from "../harness/bench.ts";

export interface UploadLoad {
  /** How many cameras upload side by side, each over a connection of its own. */
  readonly uploads: number;
  /** Of each camera, one after the other. */
  readonly recordings: number;
  /** Each recording is so many fragments, and a small init segment. */
  readonly fragments: number;
  readonly fragmentBytes: number;
  readonly requestBytes: number;
  /** Of each connection; 0: as fast as it goes. */
  readonly bytesPerSecond: number;
}

const MEBIBYTE = 1024 * 1024;

const usual: UploadLoad = {
  uploads: 2,
  recordings: 1,
  fragments: 128,
  // Two seconds at 6 Mbit/s.
  fragmentBytes: 1_500_000,
  requestBytes: 8 * MEBIBYTE,
  bytesPerSecond: 0,
};
const QUICK_CAMERAS = 3;
const QUICK_FRAGMENTS = 6;

export function loadOf(settings: Settings, quick: boolean): UploadLoad {
  const load = { ...usual, ...(settings as Partial<UploadLoad>) };
  if (!quick) return load;
  const { uploads, fragments } = load;
  return {
    ...load,
    uploads: Math.min(uploads, QUICK_CAMERAS),
    fragments: Math.min(fragments, QUICK_FRAGMENTS),
  };
}
