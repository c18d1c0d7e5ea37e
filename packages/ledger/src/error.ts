/**
 * The package's one error class and its one shape of refusal.
 *
 * Guarantees: untrusted input that is malformed is answered with a value ({@link Parsed}), never with an exception.
 * Only a fault (a tile that cannot be read, an argument no caller may pass) throws, always a {@link LedgerError}.
 */

export type LedgerErrorCode =
  /** The caller passed something no caller may pass (a negative size, a text without final newline). */
  | "invalid-argument"
  /** A tile that the tree needs is not there, or reading it failed (see `cause`). */
  | "tile-unavailable"
  /** A tile that the tree needs has the wrong length. */
  | "tile-malformed"
  /** The stored tiles do not have the root that they should have: nothing may be built on them. */
  | "root-mismatch"
  /** A private key does not belong to the public key it was given with, or cannot be used. */
  | "unusable-key";

export class LedgerError extends Error {
  readonly code: LedgerErrorCode;

  constructor(code: LedgerErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "LedgerError";
    this.code = code;
  }
}

/** What a parser of this package refuses, by format. */
export type MalformedCode =
  | "malformed-note"
  | "malformed-checkpoint"
  | "malformed-verifier-key"
  | "malformed-tile-path"
  | "malformed-tile"
  | "malformed-entry-bundle"
  | "malformed-proof";

export interface Refusal {
  readonly ok: false;
  readonly code: MalformedCode;
  /** What was wrong, for a person. Quotes no more than a few characters of the input. */
  readonly message: string;
}

/** The outcome of parsing untrusted input. */
export type Parsed<T> = { readonly ok: true; readonly value: T } | Refusal;

export function refuse(code: MalformedCode, message: string): Refusal {
  return { ok: false, code, message };
}

/** @throws LedgerError `invalid-argument` unless `value` is an integer between 0 and 2^53 - 1. */
export function requireCount(value: number, what: string): void {
  if (!isCount(value)) {
    throw new LedgerError("invalid-argument", `${what} must be an integer from 0 to 2^53 - 1, not ${value}`);
  }
}

/** Sizes and indices are JavaScript integers: exact up to 2^53 - 1, which no log will reach. */
export function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
