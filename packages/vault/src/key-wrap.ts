// Keys of derivatives (posters, clips, copies) wrapped under their master's recording key: AES key wrap,
// RFC 3394. When the recording's key is destroyed, every derivative is unreadable with it.

import { createCipheriv, createDecipheriv } from "node:crypto";
import { VaultError, requireLength } from "./errors.ts";

// The default initial value of RFC 3394 §2.2.3.1: its return on unwrapping is the integrity check.
const INITIAL_VALUE = Buffer.alloc(8, 0xa6);

export const WRAPPED_KEY_BYTES = 40;

/** Wraps a 32-byte derivative key under a 32-byte recording key. Returns 40 bytes; deterministic. */
export function wrapUnder(recordingKey: Uint8Array, derivativeKey: Uint8Array): Buffer {
  requireLength(recordingKey, 32, "a recording key");
  requireLength(derivativeKey, 32, "a derivative key");
  const cipher = createCipheriv("id-aes256-wrap", recordingKey, INITIAL_VALUE);
  return Buffer.concat([cipher.update(derivativeKey), cipher.final()]);
}

/** Unwraps what `wrapUnder` wrapped. Throws `wrap-authentication` for altered bytes or another key. */
export function unwrapUnder(recordingKey: Uint8Array, wrapped: Uint8Array): Buffer {
  requireLength(recordingKey, 32, "a recording key");
  if (wrapped.byteLength !== WRAPPED_KEY_BYTES) {
    throw new VaultError("wrap-authentication", "a wrapped key is 40 bytes: this one was altered");
  }
  try {
    const decipher = createDecipheriv("id-aes256-wrap", recordingKey, INITIAL_VALUE);
    return Buffer.concat([decipher.update(wrapped), decipher.final()]);
  } catch (cause) {
    throw new VaultError("wrap-authentication", "the wrapped key does not open under this recording key", {
      cause,
    });
  }
}
