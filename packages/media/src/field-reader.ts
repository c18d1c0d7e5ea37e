/**
 * Reads big-endian fields one after the other out of one box. Guarantees: never reads beyond the bytes it was
 * given; a field that is not all there is a `MediaError` "truncated" that names the box and the position.
 */
import { MALFORMED_REMEDY, MediaError } from "./media-error.ts";

export class FieldReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #inWhat: string;
  readonly #baseOffset: number;
  #at = 0;

  /** `baseOffset`: position of `bytes[0]` in the stream or file. `inWhat`: box type, for messages. */
  constructor(bytes: Uint8Array, inWhat: string, baseOffset: number) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#inWhat = inWhat;
    this.#baseOffset = baseOffset;
  }

  /** Position of the next field in the stream or file. */
  get offsetBytes(): number {
    return this.#baseOffset + this.#at;
  }

  get remainingBytes(): number {
    return this.#bytes.length - this.#at;
  }

  #advance(lengthBytes: number): number {
    if (lengthBytes > this.remainingBytes) {
      throw new MediaError(
        "truncated",
        this.offsetBytes,
        `"${this.#inWhat}" ends before a field of ${String(lengthBytes)} bytes`,
        MALFORMED_REMEDY,
      );
    }
    const at = this.#at;
    this.#at += lengthBytes;
    return at;
  }

  skip(lengthBytes: number): void {
    this.#advance(lengthBytes);
  }

  u8(): number {
    return this.#view.getUint8(this.#advance(1));
  }

  u16(): number {
    return this.#view.getUint16(this.#advance(2));
  }

  u32(): number {
    return this.#view.getUint32(this.#advance(4));
  }

  i32(): number {
    return this.#view.getInt32(this.#advance(4));
  }

  /** An unsigned 64-bit number up to 2^53 - 1; beyond that "number-too-large". */
  u64(): number {
    const value = this.#view.getBigUint64(this.#advance(8));
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw this.#tooLarge();
    return Number(value);
  }

  /** A u64 whose all-ones value means "unknown" (ISO/IEC 14496-12 §8.2.2.3): then null. */
  u64OrUnknown(): number | null {
    const value = this.#view.getBigUint64(this.#advance(8));
    if (value === 0xffff_ffff_ffff_ffffn) return null;
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw this.#tooLarge();
    return Number(value);
  }

  u32OrUnknown(): number | null {
    const value = this.u32();
    return value === 0xffff_ffff ? null : value;
  }

  /** A view, not a copy. */
  bytes(lengthBytes: number): Uint8Array {
    const at = this.#advance(lengthBytes);
    return this.#bytes.subarray(at, at + lengthBytes);
  }

  /** Up to `lengthBytes` of what comes next, without moving on. */
  peek(lengthBytes: number): Uint8Array {
    return this.#bytes.subarray(this.#at, this.#at + lengthBytes);
  }

  rest(): Uint8Array {
    return this.bytes(this.remainingBytes);
  }

  fourcc(): string {
    return fourccOf(this.bytes(4));
  }

  /** Version and flags of a full box (ISO/IEC 14496-12 §4.2.2). */
  versionAndFlags(highestVersion: number): { version: number; flags: number } {
    const offset = this.offsetBytes;
    const word = this.u32();
    const version = word >>> 24;
    if (version > highestVersion) {
      throw new MediaError(
        "field-invalid",
        offset,
        `"${this.#inWhat}" has version ${String(version)}, known are 0 to ${String(highestVersion)}`,
        MALFORMED_REMEDY,
      );
    }
    return { version, flags: word & 0x00ff_ffff };
  }

  #tooLarge(): MediaError {
    return new MediaError(
      "number-too-large",
      this.offsetBytes - 8,
      `"${this.#inWhat}" holds a 64-bit number beyond 2^53 - 1`,
      MALFORMED_REMEDY,
    );
  }
}

/** Four bytes as a type; what is not printable ASCII becomes "?" so that a type is safe to show anywhere. */
export function fourccOf(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes.subarray(0, 4)) {
    text += byte >= 0x20 && byte < 0x7f && byte !== 0x22 ? String.fromCharCode(byte) : "?";
  }
  return text;
}
