/**
 * The first sample entry of a track's `stsd` (ISO/IEC 14496-12 §8.5.2, §12.1.3, §12.2.3), with the longer sound
 * entries of QuickTime, which other makers' cameras write.
 */
import { codecString } from "./codec-string.ts";
import { fieldsOf } from "./box-tree.ts";
import { FieldReader } from "./field-reader.ts";
import { walkBoxes } from "./walk-boxes.ts";
import type { Box } from "./walk-boxes.ts";

export interface VideoSampleEntry {
  codec: string;
  widthPixels: number;
  heightPixels: number;
}

export interface AudioSampleEntry {
  codec: string;
  /** 0 where the entry leaves it to the codec. */
  sampleRateHz: number;
  channelCount: number;
}

/** Null: the list is empty. */
export function firstSampleEntry(stsd: Box): Box | null {
  const fields = fieldsOf(stsd);
  fields.versionAndFlags(1);
  const entryCount = fields.u32();
  if (entryCount === 0) return null;
  const offset = fields.offsetBytes;
  return walkBoxes(fields.rest(), { offset, quickTimeTail: true })[0] ?? null;
}

export function readVideoEntry(entry: Box): VideoSampleEntry {
  const fields = fieldsOf(entry);
  fields.skip(24);
  const widthPixels = fields.u16();
  const heightPixels = fields.u16();
  fields.skip(50);
  return { codec: codecString(entry.type, configurationBoxes(fields)), widthPixels, heightPixels };
}

export function readAudioEntry(entry: Box): AudioSampleEntry {
  const fields = fieldsOf(entry);
  fields.skip(8);
  const entryVersion = fields.u16();
  fields.skip(6);
  const channelCount = fields.u16();
  fields.skip(6);
  const sampleRateHz = fields.u32() >>> 16;
  if (entryVersion === 1) skipQuickTimeFields(fields, 16);
  if (entryVersion === 2) skipQuickTimeFields(fields, 36);
  return { codec: codecString(entry.type, configurationBoxes(fields)), sampleRateHz, channelCount };
}

/** Version 1 of an ISO entry has no such fields: there a box follows at once, and its type is printable. */
function skipQuickTimeFields(fields: FieldReader, lengthBytes: number): void {
  const peek = new FieldReader(fields.peek(8), "sample entry", fields.offsetBytes);
  if (peek.remainingBytes < 8) return;
  const sizeBytes = peek.u32();
  const followsAtOnce =
    /^[a-zA-Z0-9 ]{4}$/.test(peek.fourcc()) && sizeBytes >= 8 && sizeBytes <= fields.remainingBytes;
  if (!followsAtOnce) fields.skip(lengthBytes);
}

function configurationBoxes(fields: FieldReader): Box[] {
  const offset = fields.offsetBytes;
  const boxes = walkBoxes(fields.rest(), { offset, quickTimeTail: true });
  const wave = boxes.find((box) => box.type === "wave");
  return wave === undefined ? boxes : [...boxes, ...quickTimeChildren(wave)];
}

function quickTimeChildren(box: Box): Box[] {
  return walkBoxes(box.payload, { offset: box.payloadOffsetBytes, quickTimeTail: true });
}
