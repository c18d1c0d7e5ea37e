// Where journal segments lie: named by their first entry and their hash, so that what is stored is never replaced, and
// what a crash left behind before its row was committed harms nothing.
import type { CameraId, ForceId, HandInId } from "@sworn/contract";
import { toHex } from "@sworn/custody";
import { VaultError, type ObjectStore } from "@sworn/vault";

/** Small objects that are written once. */
export interface SegmentStore {
  /** Durable on return. The same bytes again are a no-op. */
  put(key: string, bytes: Uint8Array): Promise<void>;
  /** Null: there is no such object. */
  get(key: string): Promise<Uint8Array | null>;
  /** Gone from the disk on return, also if it was not there. */
  remove(key: string): Promise<void>;
}

/** `hash`: SHA-256 of the segment's bytes. */
export function journalSegmentKey(
  forceId: ForceId,
  cameraId: CameraId,
  firstSequence: number,
  hash: Uint8Array,
): string {
  return `${forceId}/journals/${cameraId}/${firstSequence.toString().padStart(12, "0")}-${toHex(hash)}`;
}

/** A segment of what was handed in of a camera that is not trusted: apart from its accepted journal. */
export function handedInSegmentKey(
  forceId: ForceId,
  handInId: HandInId,
  firstSequence: number,
  hash: Uint8Array,
): string {
  return `${forceId}/journals-handed-in/${handInId}/${firstSequence.toString().padStart(12, "0")}-${toHex(hash)}`;
}

/** Where bytes lie that were not accepted as journal. */
export function refusedJournalKey(forceId: ForceId, hash: Uint8Array): string {
  return `${forceId}/journal-refused/${toHex(hash)}`;
}

/** Segments in an object store of the vault. */
export function segmentsIn(store: Pick<ObjectStore, "putObject" | "openObject" | "delete">): SegmentStore {
  return {
    async put(key, bytes) {
      const outcome = await store.putObject(key, bytes);
      if (outcome.kind === "conflict") {
        throw new VaultError("object-damaged", `the object ${key} holds other bytes than its name says`);
      }
    },
    async get(key) {
      const opened = await store.openObject(key);
      return opened.kind === "absent" ? null : opened.object.read(0, opened.object.sizeBytes);
    },
    async remove(key) {
      await store.delete(key);
    },
  };
}
