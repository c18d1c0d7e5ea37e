// The pre-record buffer: a ring of fragments in memory that covers at least the wanted time and never more than it must.
import type { EncodedFragment } from "./camera-input.ts";

export interface PrerecordBuffer {
  readonly fragments: readonly EncodedFragment[];
  /** Encoder media time up to which fragments have come, kept or not. */
  readonly endMs: number;
}

export const EMPTY_BUFFER: PrerecordBuffer = { fragments: [], endMs: 0 };

/** Adds a fragment and drops the oldest that are not needed to cover `prerecordMs`. */
export function bufferFragment(
  buffer: PrerecordBuffer,
  fragment: EncodedFragment,
  limits: { readonly prerecordMs: number; readonly prerecordMaximumBytes: number },
): PrerecordBuffer {
  const endMs = fragment.startMs + fragment.durationMs;
  const fragments = [...buffer.fragments, fragment];
  let sizeBytes = fragments.reduce((total, one) => total + one.bytes.length, 0);
  while (fragments.length > 0) {
    const [oldest, next] = fragments;
    const coveredMs = next ? endMs - next.startMs : 0;
    if (!oldest || (coveredMs < limits.prerecordMs && sizeBytes <= limits.prerecordMaximumBytes)) break;
    sizeBytes -= oldest.bytes.length;
    fragments.shift();
  }
  return { fragments, endMs };
}
