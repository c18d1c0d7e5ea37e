/**
 * The `codecs` value of a sample entry (RFC 6381; ISO/IEC 14496-15 Annex E; AV1-ISOBMFF §5; VP-ISOBMFF), as
 * players want it in `MediaSource.isTypeSupported` and HLS `CODECS`. An entry without the configuration that its
 * codec needs is named by its four-character type alone.
 */
import { aacObjectType } from "./elementary-stream.ts";
import { FieldReader } from "./field-reader.ts";
import type { Box } from "./walk-boxes.ts";

export function codecString(entryType: string, configuration: readonly Box[]): string {
  const config = (type: string): FieldReader | null => {
    const box = configuration.find((candidate) => candidate.type === type);
    return box === undefined ? null : new FieldReader(box.payload, type, box.payloadOffsetBytes);
  };
  switch (entryType) {
    case "avc1":
    case "avc3":
      return avc(entryType, config("avcC"));
    case "hvc1":
    case "hev1":
      return hevc(entryType, config("hvcC"));
    case "av01":
      return av1(config("av1C"));
    case "vp08":
    case "vp09":
      return vp(entryType, config("vpcC"));
    case "mp4a":
      return mp4a(config("esds"));
    case "Opus":
      return "opus";
    case "fLaC":
      return "flac";
    default:
      return entryType.trim();
  }
}

function hexByte(value: number): string {
  return value.toString(16).padStart(2, "0");
}

function decimal2(value: number): string {
  return String(value).padStart(2, "0");
}

function avc(type: string, fields: FieldReader | null): string {
  if (fields === null) return type;
  fields.skip(1);
  return `${type}.${hexByte(fields.u8())}${hexByte(fields.u8())}${hexByte(fields.u8())}`;
}

function hevc(type: string, fields: FieldReader | null): string {
  if (fields === null) return type;
  fields.skip(1);
  const profileByte = fields.u8();
  const space = ["", "A", "B", "C"][profileByte >> 6] ?? "";
  const tier = (profileByte & 0x20) === 0 ? "L" : "H";
  const compatibility = reverseBits(fields.u32());
  const constraints = Array.from(fields.bytes(6));
  while (constraints.at(-1) === 0) constraints.pop();
  const level = fields.u8();
  const profile = `${space}${String(profileByte & 0x1f)}`;
  const constraintBytes = constraints.map((byte) => byte.toString(16).toUpperCase());
  return [type, profile, compatibility.toString(16), `${tier}${String(level)}`, ...constraintBytes].join(".");
}

function reverseBits(value: number): number {
  let reversed = 0;
  for (let bit = 0; bit < 32; bit++) reversed = ((reversed << 1) | ((value >>> bit) & 1)) >>> 0;
  return reversed;
}

function av1(fields: FieldReader | null): string {
  if (fields === null) return "av01";
  fields.skip(1);
  const profileAndLevel = fields.u8();
  const flags = fields.u8();
  const tier = (flags & 0x80) === 0 ? "M" : "H";
  const bitDepth = (flags & 0x40) === 0 ? 8 : (flags & 0x20) === 0 ? 10 : 12;
  const profile = String(profileAndLevel >> 5);
  return `av01.${profile}.${decimal2(profileAndLevel & 0x1f)}${tier}.${decimal2(bitDepth)}`;
}

function vp(type: string, fields: FieldReader | null): string {
  if (fields === null) return type;
  fields.skip(4);
  const profile = fields.u8();
  const level = fields.u8();
  return `${type}.${decimal2(profile)}.${decimal2(level)}.${decimal2(fields.u8() >> 4)}`;
}

function mp4a(fields: FieldReader | null): string {
  if (fields === null) return "mp4a";
  const stream = aacObjectType(fields);
  if (stream === null) return "mp4a";
  const objectType = hexByte(stream.objectTypeIndication);
  return stream.audioObjectType === null
    ? `mp4a.${objectType}`
    : `mp4a.${objectType}.${String(stream.audioObjectType)}`;
}
