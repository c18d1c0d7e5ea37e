// The end of a journal file after a crash: what one append can have left behind, and how an append leaves nothing else.
import { CustodyError, type JournalRecord, readSegment } from "@sworn/custody";
import { CameraError } from "../camera-error.ts";
import type { AppendFile } from "./disk.ts";

/** One record at its largest: entry, opening and their heads. */
export const TAIL_MAXIMUM_BYTES = 4096 + 256 * 1024 + 16;

/** Appends and syncs, or leaves the file as long as it was; `beforeRetry` may make room once. */
export async function appendWhole(
  file: AppendFile,
  wholeBytes: number,
  bytes: Uint8Array,
  beforeRetry: () => Promise<boolean>,
): Promise<void> {
  try {
    await file.append(bytes);
  } catch (cause) {
    await cutBack(file, wholeBytes);
    if (!(await beforeRetry())) throw cause;
    await file.append(bytes).catch(async (error: unknown) => {
      await cutBack(file, wholeBytes);
      throw error;
    });
  }
  await file.sync().catch((cause: unknown) => {
    throw new CameraError("store-failed", "The journal could not be made durable. Start the camera again.", {
      cause,
    });
  });
}

async function cutBack(file: AppendFile, wholeBytes: number): Promise<void> {
  await file.cutTo(wholeBytes).catch((cause: unknown) => {
    throw new CameraError("store-failed", "The journal could not be cut back. Start the camera again.", {
      cause,
    });
  });
}

/** Like `readSegment`, but damage is where the whole records end, for the caller to judge. */
export function readLeniently(bytes: Uint8Array): {
  records: readonly JournalRecord[];
  wholeBytes: number;
  problem: string | null;
} {
  try {
    return { ...readSegment(bytes), problem: null };
  } catch (error) {
    if (!(error instanceof CustodyError)) throw error;
    let low = 0;
    let high = bytes.length;
    // Any prefix that ends before the damage reads well: the longest is found by halving.
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (readsWell(bytes.subarray(0, middle))) low = middle;
      else high = middle - 1;
    }
    return { ...readSegment(bytes.subarray(0, low)), problem: error.message };
  }
}

function readsWell(bytes: Uint8Array): boolean {
  try {
    readSegment(bytes);
    return true;
  } catch (error) {
    if (error instanceof CustodyError) return false;
    throw error;
  }
}

export const isZero = (bytes: Uint8Array): boolean => bytes.every((byte) => byte === 0);

/** Blocks that a power cut kept from the disk read as zeros; a record that was changed has none. */
export function looksUnwritten(bytes: Uint8Array): boolean {
  let run = 0;
  for (const byte of bytes) {
    run = byte === 0 ? run + 1 : 0;
    if (run >= 64) return true;
  }
  return false;
}
