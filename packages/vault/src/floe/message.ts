// One FLOE message: header, message key and segment keys (c2sp.org/FLOE, "Semi-Public Functions").
// Guarantees that a state exists only after the header's tag was verified in constant time.

import { createHmac, createSecretKey, timingSafeEqual } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { VaultError, requireLength } from "../errors.ts";
import {
  FLOE_HEADER_BYTES,
  FLOE_IV_BYTES,
  FLOE_KEY_BYTES,
  FLOE_MAX_SEGMENTS,
  encodeParameters,
  floeSettings,
} from "./parameters.ts";
import type { FloeParameters, FloeSettings } from "./parameters.ts";

/** `FLOE_KDF`: HKDF-Expand with SHA-384 (RFC 5869 §2.3). At most 48 bytes are ever asked for, one block. */
function expand(key: Uint8Array, info: readonly Uint8Array[], lengthBytes: number): Buffer {
  // A key object and one update: a third of the time of raw bytes and four.
  const hmac = createHmac("sha384", createSecretKey(key));
  return hmac
    .update(Buffer.concat([...info, ONE]))
    .digest()
    .subarray(0, lengthBytes);
}

const ONE = Uint8Array.of(1);
const HEADER_TAG = Buffer.from("HEADER_TAG:");
const MESSAGE_KEY = Buffer.from("MESSAGE_KEY:");

/** The state of one message: derives the key of each segment, and remembers the last one it derived. */
export class FloeMessage {
  readonly settings: FloeSettings;
  readonly header: Uint8Array;
  readonly #prefix: Uint8Array;
  readonly #associatedData: Uint8Array;
  readonly #messageKey: Buffer;
  #maskedIndex = -1;
  #segmentKey: KeyObject | undefined;

  constructor(settings: FloeSettings, key: Uint8Array, header: Uint8Array, associatedData: Uint8Array) {
    this.settings = settings;
    this.header = header;
    this.#prefix = header.subarray(0, 10 + FLOE_IV_BYTES);
    this.#associatedData = associatedData;
    this.#messageKey = expand(key, [this.#prefix, MESSAGE_KEY, associatedData], 48);
  }

  /** `DERIVE_KEY`: the key of segment `index`; shared by 2^rotation-mask neighbours. */
  segmentKey(index: number): KeyObject {
    if (!Number.isInteger(index) || index < 0 || index >= FLOE_MAX_SEGMENTS) {
      throw new VaultError("bad-argument", "a FLOE segment index is 0 to 2^40 - 1");
    }
    const span = 2 ** this.settings.rotationMaskBits;
    const maskedIndex = index - (index % span);
    if (this.#segmentKey === undefined || maskedIndex !== this.#maskedIndex) {
      const purpose = Buffer.alloc(12);
      purpose.write("DEK:");
      purpose.writeBigUInt64BE(BigInt(maskedIndex), 4);
      const key = expand(this.#messageKey, [this.#prefix, purpose, this.#associatedData], FLOE_KEY_BYTES);
      this.#segmentKey = createSecretKey(key);
      this.#maskedIndex = maskedIndex;
    }
    return this.#segmentKey;
  }

  /** The associated data of segment `index`: its number in 8 bytes, then 1 if it is the final one. */
  segmentAssociatedData(index: number, isFinal: boolean): Buffer {
    const data = Buffer.alloc(9);
    data.writeBigUInt64BE(BigInt(index));
    data[8] = isFinal ? 1 : 0;
    return data;
  }
}

/** `startEncryption`. `iv` must be 32 fresh random bytes. */
export function newMessage(
  key: Uint8Array,
  associatedData: Uint8Array,
  iv: Uint8Array,
  parameters?: FloeParameters,
): FloeMessage {
  requireLength(key, FLOE_KEY_BYTES, "a FLOE key");
  requireLength(iv, FLOE_IV_BYTES, "a FLOE IV");
  const settings = floeSettings(parameters);
  const prefix = Buffer.concat([encodeParameters(settings), iv]);
  const tag = expand(key, [prefix, HEADER_TAG, associatedData], 32);
  return new FloeMessage(settings, key, Buffer.concat([prefix, tag]), Uint8Array.from(associatedData));
}

/** `startDecryption`. Throws `floe-header` for a malformed header or other parameters than asked for, and
 * `floe-authentication` where key or associated data do not belong to it. */
export function openMessage(
  key: Uint8Array,
  associatedData: Uint8Array,
  header: Uint8Array,
  parameters?: FloeParameters,
): FloeMessage {
  requireLength(key, FLOE_KEY_BYTES, "a FLOE key");
  const settings = floeSettings(parameters);
  if (header.byteLength !== FLOE_HEADER_BYTES) {
    throw new VaultError("floe-header", `a FLOE header is ${String(FLOE_HEADER_BYTES)} bytes`);
  }
  if (Buffer.compare(header.subarray(0, 10), encodeParameters(settings)) !== 0) {
    throw new VaultError("floe-header", "the FLOE header names other parameters than those expected");
  }
  const own = Uint8Array.from(header);
  const expected = expand(key, [own.subarray(0, 10 + FLOE_IV_BYTES), HEADER_TAG, associatedData], 32);
  if (!timingSafeEqual(expected, own.subarray(10 + FLOE_IV_BYTES))) {
    throw new VaultError(
      "floe-authentication",
      "the FLOE header does not verify: wrong key, wrong associated data, or an altered header",
    );
  }
  return new FloeMessage(settings, key, own, Uint8Array.from(associatedData));
}
