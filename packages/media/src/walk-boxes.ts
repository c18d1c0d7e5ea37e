/**
 * The box structure of ISO/IEC 14496-12 §4.2: 32-bit and 64-bit sizes, size 0 ("to the end"), `uuid` types.
 * Guarantees: linear in the number of boxes, touches headers only, copies nothing, and stays within limits
 * whatever the bytes say.
 */
import { MALFORMED_REMEDY, MediaError } from "./media-error.ts";
import { fourccOf } from "./field-reader.ts";

export interface BoxHeader {
  type: string;
  /** Position of the box in the stream or file. */
  offsetBytes: number;
  headerBytes: number;
  /** Header and payload. Null: the box runs to the end of the file (size 0). */
  sizeBytes: number | null;
  /** The extended type of a `uuid` box, 32 hex digits; else null. */
  uuid: string | null;
}

export interface Box extends BoxHeader {
  sizeBytes: number;
  /** A view into the input, not a copy. */
  payload: Uint8Array;
  payloadOffsetBytes: number;
}

export interface BoxLimits {
  /** Most boxes on one level. */
  maxBoxes: number;
  /** Largest single box, in bytes. */
  maxBoxBytes: number;
}

export const DEFAULT_BOX_LIMITS: Readonly<BoxLimits> = { maxBoxes: 4096, maxBoxBytes: 1024 ** 3 };

/** The longest header there is: 32-bit size, type, 64-bit size, extended type. */
export const LONGEST_HEADER_BYTES = 32;

export type BoxHeaderResult =
  { kind: "header"; header: BoxHeader } | { kind: "incomplete"; neededBytes: number };

/**
 * Reads the header at the start of `bytes`, which is at `offsetBytes` of the stream.
 * "incomplete" says how many bytes are needed at least before asking again.
 */
export function readBoxHeader(bytes: Uint8Array, offsetBytes: number): BoxHeaderResult {
  if (bytes.length < 8) return { kind: "incomplete", neededBytes: 8 };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const shortSize = view.getUint32(0);
  const type = fourccOf(bytes.subarray(4, 8));
  const headerBytes = 8 + (shortSize === 1 ? 8 : 0) + (type === "uuid" ? 16 : 0);
  if (bytes.length < headerBytes) return { kind: "incomplete", neededBytes: headerBytes };
  const sizeBytes = shortSize === 1 ? longSize(view, type, offsetBytes) : shortSize === 0 ? null : shortSize;
  if (sizeBytes !== null && sizeBytes < headerBytes) {
    throw new MediaError(
      "box-size-invalid",
      offsetBytes,
      `"${type}" says it is ${String(sizeBytes)} bytes long, less than its header of ${String(headerBytes)}`,
      MALFORMED_REMEDY,
    );
  }
  const uuid = type === "uuid" ? hex(bytes.subarray(headerBytes - 16, headerBytes)) : null;
  return { kind: "header", header: { type, offsetBytes, headerBytes, sizeBytes, uuid } };
}

function longSize(view: DataView, type: string, offsetBytes: number): number {
  const size = view.getBigUint64(8);
  if (size > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw new MediaError(
      "number-too-large",
      offsetBytes,
      `"${type}" has a size beyond 2^53 - 1`,
      MALFORMED_REMEDY,
    );
  }
  return Number(size);
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * All boxes of one level, in order; together they cover `bytes` exactly.
 * `offset`: position of `bytes[0]` in the stream or file, in bytes, for offsets and messages (0 if not given).
 * `quickTimeTail`: ends at a size of 0 or at fewer than 8 bytes, as QuickTime closes some lists.
 * Throws `MediaError`: "truncated", "box-size-invalid", "number-too-large", "limit-exceeded".
 */
export function walkBoxes(
  bytes: Uint8Array,
  options: { offset?: number; limits?: Partial<BoxLimits>; quickTimeTail?: boolean } = {},
): Box[] {
  const base = options.offset ?? 0;
  const limits = { ...DEFAULT_BOX_LIMITS, ...options.limits };
  const boxes: Box[] = [];
  let at = 0;
  while (at < bytes.length) {
    if (options.quickTimeTail === true && endsHere(bytes, at)) break;
    if (boxes.length >= limits.maxBoxes) {
      throw limitExceeded(base + at, `more than ${String(limits.maxBoxes)} boxes on one level`);
    }
    const box = boxAt(bytes, at, base);
    if (box.sizeBytes > limits.maxBoxBytes) {
      throw limitExceeded(
        box.offsetBytes,
        `"${box.type}" is larger than ${String(limits.maxBoxBytes)} bytes`,
      );
    }
    boxes.push(box);
    at += box.sizeBytes;
  }
  return boxes;
}

function endsHere(bytes: Uint8Array, at: number): boolean {
  return bytes.length - at < 8 || bytes.subarray(at, at + 4).every((byte) => byte === 0);
}

function boxAt(bytes: Uint8Array, at: number, base: number): Box {
  const offsetBytes = base + at;
  const result = readBoxHeader(bytes.subarray(at, at + LONGEST_HEADER_BYTES), offsetBytes);
  const availableBytes = bytes.length - at;
  if (result.kind === "incomplete") {
    throw new MediaError(
      "truncated",
      offsetBytes,
      `A box header needs ${String(result.neededBytes)} bytes and ${String(availableBytes)} are left`,
      MALFORMED_REMEDY,
    );
  }
  const { header } = result;
  const sizeBytes = header.sizeBytes ?? availableBytes;
  if (sizeBytes > availableBytes) {
    throw new MediaError(
      "truncated",
      offsetBytes,
      `"${header.type}" says it is ${String(sizeBytes)} bytes long and ${String(availableBytes)} are left`,
      MALFORMED_REMEDY,
    );
  }
  const payload = bytes.subarray(at + header.headerBytes, at + sizeBytes);
  return { ...header, sizeBytes, payload, payloadOffsetBytes: offsetBytes + header.headerBytes };
}

function limitExceeded(offsetBytes: number, problem: string): MediaError {
  return new MediaError(
    "limit-exceeded",
    offsetBytes,
    `Refused: ${problem}`,
    "Genuine footage stays far below; if this is genuine, raise the limit in the call",
  );
}
