// What a round of an ingest bench sends: the same for every contestant of it.
import type { Settings } from "../harness/bench.ts";

export interface UploadLoad {
  /** How many uploads run side by side. */
  readonly uploads: number;
  /** Each upload is a recording of so many fragments, and a small init segment. */
  readonly fragments: number;
  readonly fragmentBytes: number;
  readonly requestBytes: number;
}

const MEBIBYTE = 1024 * 1024;
/** Two seconds at 6 Mbit/s. */
const FRAGMENT_BYTES = 1_500_000;

export function loadOf(settings: Settings, quick: boolean): UploadLoad {
  const given = settings as Partial<UploadLoad>;
  const { uploads = 2, fragments = 128, fragmentBytes = FRAGMENT_BYTES, requestBytes = 8 * MEBIBYTE } = given;
  return { uploads, fragments: quick ? Math.min(fragments, 6) : fragments, fragmentBytes, requestBytes };
}
