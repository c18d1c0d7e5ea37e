/**
 * The `esds` box: MPEG-4 descriptors (ISO/IEC 14496-1 §7.2.6) read as far as naming an audio codec needs.
 * Bounded by the box; no recursion.
 */
import type { FieldReader } from "./field-reader.ts";

const ES_DESCRIPTOR = 0x03;
const DECODER_CONFIG_DESCRIPTOR = 0x04;
const DECODER_SPECIFIC_INFO = 0x05;
const OBJECT_TYPE_MPEG4_AUDIO = 0x40;

export interface AudioStreamType {
  /** ISO/IEC 14496-1 table 5; 0x40 is MPEG-4 audio. */
  objectTypeIndication: number;
  /** ISO/IEC 14496-3 table 1.17; 2 is AAC-LC. Null where the object type has none. */
  audioObjectType: number | null;
}

/** `fields` stands at the start of the payload of `esds`. Null: it describes no decoder. */
export function aacObjectType(fields: FieldReader): AudioStreamType | null {
  fields.versionAndFlags(0);
  if (nextDescriptor(fields) !== ES_DESCRIPTOR) return null;
  fields.skip(2);
  const flags = fields.u8();
  if ((flags & 0x80) !== 0) fields.skip(2);
  if ((flags & 0x40) !== 0) fields.skip(fields.u8());
  if ((flags & 0x20) !== 0) fields.skip(2);
  if (nextDescriptor(fields) !== DECODER_CONFIG_DESCRIPTOR) return null;
  const objectTypeIndication = fields.u8();
  fields.skip(12);
  if (objectTypeIndication !== OBJECT_TYPE_MPEG4_AUDIO || fields.remainingBytes < 3) {
    return { objectTypeIndication, audioObjectType: null };
  }
  if (nextDescriptor(fields) !== DECODER_SPECIFIC_INFO)
    return { objectTypeIndication, audioObjectType: null };
  return { objectTypeIndication, audioObjectType: audioObjectType(fields) };
}

/** Reads tag and length; the length is not needed, since what matters stands in a fixed order. */
function nextDescriptor(fields: FieldReader): number | null {
  if (fields.remainingBytes < 2) return null;
  const tag = fields.u8();
  for (let byteCount = 0; byteCount < 4; byteCount++) {
    if ((fields.u8() & 0x80) === 0) break;
  }
  return tag;
}

/** Five bits, or 32 + six bits after the escape 31 (ISO/IEC 14496-3 §1.6.2.1). */
function audioObjectType(fields: FieldReader): number {
  const word = fields.u16();
  const short = word >>> 11;
  return short === 31 ? 32 + ((word >>> 5) & 0x3f) : short;
}
