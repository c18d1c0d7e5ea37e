// The names of keys and objects, and the file names they become. Guarantees that no name leaves its
// folder: the alphabet has no dot, and "/" becomes "_", which the alphabet does not have.

import { createHash } from "node:crypto";
import { VaultError } from "./errors.ts";

const LONGEST_ID = 200;
const ID = /^[a-z0-9-]+(?:\/[a-z0-9-]+)*$/;

/** Whether `id` is 1 to 200 characters of `a-z 0-9 -`, in parts divided by single slashes. */
function isShortId(id: string): boolean {
  return id.length <= LONGEST_ID && ID.test(id);
}

/** Throws `bad-argument` unless `id` is a short id. */
export function requireShortId(id: string, what: string): void {
  if (!isShortId(id)) {
    throw new VaultError(
      "bad-argument",
      `${what} must be 1 to ${String(LONGEST_ID)} characters of a-z, 0-9 and -, with single slashes between parts`,
    );
  }
}

/** The id as one file name. */
export function fileNameOf(id: string): string {
  return id.replaceAll("/", "_");
}

/** The id of a file name that `fileNameOf` made, or undefined where it made no such name. */
export function idOfFileName(name: string): string | undefined {
  const id = name.replaceAll("_", "/");
  return isShortId(id) ? id : undefined;
}

/** One of 256 folders, by hash, so that none grows too large: "00" to "ff". */
export function shardOf(id: string): string {
  return createHash("sha256").update(id).digest("hex").slice(0, 2);
}

/** All shard names, in order. */
export function allShards(): string[] {
  return Array.from({ length: 256 }, (_, index) => index.toString(16).padStart(2, "0"));
}
