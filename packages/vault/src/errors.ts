// The faults of the vault. Each has one code of a closed union, so that a caller can answer by code
// and never by the text. No node: imports: the browser's twin of FLOE throws the same errors.

/** Why the vault refused or failed. */
export type VaultErrorCode =
  // A caller gave bytes of the wrong length, a bad id or a range outside the object.
  | "bad-argument"
  // FLOE (c2sp.org/FLOE)
  | "floe-header"
  | "floe-segment"
  | "floe-authentication"
  | "floe-truncated"
  | "floe-trailing"
  | "floe-too-long"
  | "floe-closed"
  // HPKE envelopes and AES key wrap
  | "envelope-key"
  | "envelope-authentication"
  | "wrap-authentication"
  // Key ring
  | "ring-damaged"
  | "ring-mismatch"
  | "read-only"
  | "root-missing"
  // Stores
  | "no-space"
  | "sync-failed"
  | "volume-failed"
  | "store-io"
  | "object-complete"
  | "object-damaged"
  | "part-closed"
  | "part-too-small"
  | "part-missing";

/** A fault of the vault; `code` says which, `cause` keeps what lay under it. */
export class VaultError extends Error {
  readonly code: VaultErrorCode;

  constructor(code: VaultErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = "VaultError";
    this.code = code;
  }
}

/** Throws `bad-argument` unless `bytes` is exactly `lengthBytes` long. */
export function requireLength(bytes: Uint8Array, lengthBytes: number, what: string): void {
  if (bytes.byteLength !== lengthBytes) {
    throw new VaultError(
      "bad-argument",
      `${what} must be ${String(lengthBytes)} bytes, not ${String(bytes.byteLength)}`,
    );
  }
}
