// Reads a whole small object, or says why it cannot be: what a damaged store answers becomes a problem, never an end of
// the check.
import { PartDigest, VaultError } from "@sworn/vault";
import type { ForceCheck } from "./ports.ts";
import type { Subject } from "./problem.ts";
import { messageOf, objectOf } from "./subjects.ts";

/** Above any statement and segment. */
const largestBytes = 16 * 1024 * 1024;

/** `isIndexed`: the hashes in its index.json are those of the bytes. */
export type ReadObject =
  | { readonly kind: "bytes"; readonly bytes: Uint8Array; readonly isIndexed: boolean }
  | { readonly kind: "absent" | "told" };

/** `told`: a problem was told. `absent` is left to the caller. */
export async function readObject(check: ForceCheck, key: string): Promise<ReadObject> {
  try {
    const opened = await check.ports.store.openObject(key);
    if (opened.kind === "absent") return opened;
    const { object } = opened;
    if (object.sizeBytes > largestBytes) {
      check.tell({
        kind: "object-altered",
        subject: objectOf(key),
        message: `The object ${key} is far too large.`,
      });
      return { kind: "told" };
    }
    check.read(object.sizeBytes);
    const bytes = new Uint8Array(await object.read(0, object.sizeBytes));
    let start = 0;
    const isIndexed = object.parts.every((part) => {
      const digest = new PartDigest(part);
      digest.update(bytes.subarray(start, start + part.sizeBytes));
      start += part.sizeBytes;
      return digest.digest() === part.sha256;
    });
    return { kind: "bytes", bytes, isIndexed };
  } catch (error) {
    tellFault(check, objectOf(key), error);
    return { kind: "told" };
  }
}

/** Tells of an object whose bytes are good and whose index says otherwise. */
export function tellIndex(check: ForceCheck, subject: Subject): void {
  const message = `The object ${subject.id} is whole, and its index.json has another hash for it.`;
  check.tell({ kind: "object-index-damaged", subject, message });
}

/** Tells of an object that could not be read. @throws what is no fault of the store */
export function tellFault(check: ForceCheck, subject: Subject, error: unknown): void {
  if (!(error instanceof VaultError)) throw error;
  const isIndex = error.code === "object-damaged" && error.message.includes("index");
  const kind = isIndex
    ? "object-index-damaged"
    : error.code === "object-damaged"
      ? "object-altered"
      : "unreadable";
  check.tell({ kind, subject, message: `The object ${subject.id}: ${messageOf(error)}.` });
}
