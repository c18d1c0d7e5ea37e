/**
 * What a camera may do to a fragment before it hashes and signs it, and nobody after: take the sound out (pre-record,
 * mute), move it on the time line (pre-record promoted, encoder restarted), number it. Pictures and remaining sound
 * stay bit for bit; nothing is encoded again. Guarantees: the result is a fragment that `readFragment` accepts, and
 * bytes of a dropped track are not in it.
 */
import { childrenOf, fieldsOf, requiredBox } from "./box-tree.ts";
import { MALFORMED_REMEDY, MediaError } from "./media-error.ts";
import { DEFAULT_MAX_SAMPLES, fragmentBoxes, readFragment, trackOfFragment } from "./read-fragment.ts";
import type { InitSegment, InitTrack } from "./read-init.ts";
import { readTrackRuns } from "./track-run.ts";
import { walkBoxes } from "./walk-boxes.ts";
import type { Box } from "./walk-boxes.ts";

export interface FragmentRewrite {
  /** Leave out every audio track, with its samples. A fragment without video is then refused. */
  dropAudio?: boolean;
  /** Added to every track's decode time, in ms, rounded to ticks of the track; the start may not become negative. */
  shiftMs?: number;
  /** New `mfhd` sequence number. */
  sequence?: number;
}

/** Byte ranges that describe file positions and go stale with any change of size: left out of the result. */
const STALE_BOXES: ReadonlySet<string> = new Set(["sidx", "ssix"]);
const MDAT_HEADER_BYTES = 8;

/** Returns a new fragment; the input is left as it is. Throws `MediaError`, also on a malformed input fragment. */
export function rewriteFragment(bytes: Uint8Array, init: InitSegment, rewrite: FragmentRewrite): Uint8Array {
  readFragment(bytes, init);
  requireSequence(rewrite.sequence);
  const boxes = walkBoxes(bytes);
  const { moof } = fragmentBoxes(boxes, 0);
  const prefix = boxes.slice(0, boxes.indexOf(moof)).filter((box) => !STALE_BOXES.has(box.type));
  const kept = keptPieces(bytes, moof, init, rewrite);
  const moofBytes = 8 + kept.children.reduce((sum, child) => sum + child.length, 0);
  let dataOffset = moofBytes + MDAT_HEADER_BYTES;
  const data: Uint8Array[] = [];
  for (const run of kept.runs) {
    run.placeAt(dataOffset);
    dataOffset += run.data.length;
    data.push(run.data);
  }
  const mdatBytes = dataOffset - moofBytes;
  const result = concatenate([
    ...prefix.map((box) => rawBytes(bytes, box)),
    boxHeader("moof", moofBytes),
    ...kept.children,
    boxHeader("mdat", mdatBytes),
    ...data,
  ]);
  readFragment(result, init);
  return result;
}

function requireSequence(sequence: number | undefined): void {
  if (sequence === undefined || (Number.isInteger(sequence) && sequence >= 0 && sequence <= 0xffff_ffff))
    return;
  throw new MediaError(
    "argument-invalid",
    0,
    `The sequence number is ${sequence}`,
    "Give a whole number of 32 bits",
  );
}

interface PlacedRun {
  data: Uint8Array;
  /** Writes where the data now begins, from the start of the `moof`, into the copied `trun`. */
  placeAt: (offsetBytes: number) => void;
}

function keptPieces(
  bytes: Uint8Array,
  moof: Box,
  init: InitSegment,
  rewrite: FragmentRewrite,
): { children: Uint8Array[]; runs: PlacedRun[] } {
  const children: Uint8Array[] = [];
  const runs: PlacedRun[] = [];
  let implicitBaseBytes = 0;
  for (const child of childrenOf(moof)) {
    if (child.type !== "traf") {
      const copy = rawBytes(bytes, child).slice();
      if (child.type === "mfhd" && rewrite.sequence !== undefined) {
        viewOf(copy).setUint32(child.headerBytes + 4, rewrite.sequence);
      }
      children.push(copy);
      continue;
    }
    const track = trackOfFragment(child, init);
    const { extents } = readTrackRuns(child, track, { implicitBaseBytes, maxSamples: DEFAULT_MAX_SAMPLES });
    implicitBaseBytes = extents.at(-1)?.endBytes ?? implicitBaseBytes;
    if (rewrite.dropAudio === true && track.kind === "audio") continue;
    const copy = rawBytes(bytes, child).slice();
    patchTrackHeader(copy, child, track, rewrite.shiftMs ?? 0);
    children.push(copy);
    const truns = childrenOf(child).filter((box) => box.type === "trun");
    for (const [number, trun] of truns.entries()) {
      const extent = extents[number];
      if (extent === undefined) continue;
      const data = bytes.subarray(moof.offsetBytes + extent.startBytes, moof.offsetBytes + extent.endBytes);
      runs.push({ data, placeAt: placer(copy, child, trun, number === 0) });
    }
  }
  return { children, runs };
}

/** Makes offsets count from the `moof`, and moves the decode time. */
function patchTrackHeader(copy: Uint8Array, traf: Box, track: InitTrack, shiftMs: number): void {
  const boxes = childrenOf(traf);
  const stale = boxes.find((box) => box.type === "saio" || box.type === "senc");
  if (stale !== undefined) {
    throw new MediaError(
      "box-unexpected",
      stale.offsetBytes,
      `"${stale.type}" describes encrypted media, which cannot be rewritten`,
      "Encode without encryption inside the film: Sworn encrypts whole fragments",
    );
  }
  const view = viewOf(copy);
  const tfhd = requiredBox(boxes, "tfhd", "traf", traf.offsetBytes);
  const tfhdAt = tfhd.payloadOffsetBytes - traf.offsetBytes;
  view.setUint32(tfhdAt, view.getUint32(tfhdAt) | 0x02_0000);
  const tfdt = requiredBox(boxes, "tfdt", "traf", traf.offsetBytes);
  const fields = fieldsOf(tfdt);
  const { version } = fields.versionAndFlags(1);
  const ticks = (version === 1 ? fields.u64() : fields.u32()) + shiftTicks(shiftMs, track.timescale);
  if (!Number.isSafeInteger(ticks) || ticks < 0 || (version === 0 && ticks > 0xffff_ffff)) {
    throw new MediaError(
      "argument-invalid",
      tfdt.offsetBytes,
      `A shift of ${shiftMs} ms moves the fragment to ${ticks} ticks`,
      "Shift to a time from 0 on that the fragment's own field can hold",
    );
  }
  const timeAt = tfdt.payloadOffsetBytes - traf.offsetBytes + 4;
  if (version === 1) view.setBigUint64(timeAt, BigInt(ticks));
  else view.setUint32(timeAt, ticks);
}

/** Rounded alike in both directions, so that a shift back undoes a shift. */
function shiftTicks(shiftMs: number, timescale: number): number {
  return Math.sign(shiftMs) * Math.round((Math.abs(shiftMs) * timescale) / 1000);
}

/** A run without an offset of its own follows the one before it; only the first must have one. */
function placer(copy: Uint8Array, traf: Box, trun: Box, isFirst: boolean): (offsetBytes: number) => void {
  const hasOffset = (fieldsOf(trun).versionAndFlags(1).flags & 0x01) !== 0;
  if (!hasOffset && isFirst) {
    throw new MediaError(
      "field-invalid",
      trun.offsetBytes,
      "A first run without a data offset",
      MALFORMED_REMEDY,
    );
  }
  if (!hasOffset) return () => undefined;
  const at = trun.payloadOffsetBytes - traf.offsetBytes + 8;
  return (offsetBytes) => {
    viewOf(copy).setInt32(at, offsetBytes);
  };
}

function rawBytes(bytes: Uint8Array, box: Box): Uint8Array {
  return bytes.subarray(box.offsetBytes, box.offsetBytes + box.sizeBytes);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function boxHeader(type: string, sizeBytes: number): Uint8Array {
  const header = new Uint8Array(8);
  viewOf(header).setUint32(0, sizeBytes);
  for (let index = 0; index < 4; index++) header[4 + index] = type.charCodeAt(index);
  return header;
}

function concatenate(pieces: readonly Uint8Array[]): Uint8Array {
  const result = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    result.set(piece, at);
    at += piece.length;
  }
  return result;
}
