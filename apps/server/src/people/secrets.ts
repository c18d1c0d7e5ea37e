// Secrets of API keys and setup codes: made from the system's random source, and stored only as their SHA-256.
// A key has 256 bits and a code 100, so a plain hash cannot be searched, and looking one up by hash is constant.
import { createHash, randomBytes } from "node:crypto";

const keyPattern = /^swk_[A-Za-z0-9_-]{43}$/;
// Crockford's base 32: no I, L, O or U, so that a code can be read aloud.
const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

function sha256(text: string): Uint8Array {
  return createHash("sha256").update(text, "utf8").digest();
}

/** A new key's secret, for instance `swk_` and 43 characters. */
export function newKeySecret(): string {
  return `swk_${randomBytes(32).toString("base64url")}`;
}

/** The hash of a key's secret, or null for what cannot be one. */
export function keyHash(secret: string): Uint8Array | null {
  return keyPattern.test(secret) ? sha256(secret) : null;
}

/** A new setup code: four groups of five characters. */
export function newSetupCode(): string {
  const characters = [...randomBytes(20)].map((byte) => alphabet[byte & 31] ?? "");
  return [0, 5, 10, 15].map((from) => characters.slice(from, from + 5).join("")).join("-");
}

/** The hash of a setup code, however it was typed: case, spaces and hyphens do not matter. */
export function setupCodeHash(code: string): Uint8Array {
  const typed = code.toUpperCase().replace(/[\s-]/g, "").replace(/[IL]/g, "1").replace(/O/g, "0");
  return sha256(`setup:${typed}`);
}
