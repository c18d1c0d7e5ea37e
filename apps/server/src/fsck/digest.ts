// SHA-256 for a check that runs over many small things in one process.
import { hash as digest } from "node:crypto";

export const hash = (bytes: Uint8Array): Uint8Array => new Uint8Array(digest("sha256", bytes, "buffer"));
