// Secrets of a play: a one-time code for the page's address and a token for its cookie. 256 random bits each, stored
// as their SHA-256 only, so that a plain hash cannot be searched.
import { hash, randomBytes, timingSafeEqual } from "node:crypto";

const pattern = /^[A-Za-z0-9_-]{43}$/;

export function newSecret(): string {
  return randomBytes(32).toString("base64url");
}

/** Codes and tokens hash apart, so that one never passes for the other. Null for what cannot be one. */
export function secretHash(kind: "code" | "token", secret: string): Buffer | null {
  return pattern.test(secret) ? hash("sha256", `play-${kind}:${secret}`, "buffer") : null;
}

export function isToken(secret: string, expected: Uint8Array): boolean {
  const given = secretHash("token", secret);
  return given !== null && given.byteLength === expected.byteLength && timingSafeEqual(given, expected);
}
