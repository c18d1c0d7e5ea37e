// What every object store offers. Guarantees asked of each: a part is durable when its commit returns, an object
// is readable only when complete, and what is complete never changes.

import type { HashedSpan } from "./part-digest.ts";

/** A part as it lies in the store. `sha256` is of its bytes, lower-case hexadecimal; with `spans` (`part-digest.ts`) it is
 * of the SHA-256s of runs of these lengths. */
export interface StoredPart {
  /** From 1 to 10,000, as in S3. */
  readonly number: number;
  readonly sizeBytes: number;
  readonly sha256: string;
  readonly spans?: readonly number[];
}

/** A part that the caller says belongs to the object. Where the hash is left out the store reads the part to
 * find it: a hash's state does not survive a crash. */
export interface ClaimedPart {
  readonly number: number;
  readonly sizeBytes: number;
  readonly sha256?: string;
  readonly spans?: readonly number[];
}

export interface BeginOptions {
  /** Copies the bytes of the committed part of that number in front, so that a short tail can grow. */
  readonly extend?: boolean;
  /** The caller hashes what it writes, and gives the hashes to `commit`. */
  readonly hashedByCaller?: boolean;
}

/** Writes one part. Nothing of it is seen until `commit` returned. */
export interface PartWriter {
  /** Bytes taken so far, those of an extended part included. */
  readonly sizeBytes: number;
  /** Writes a chunk. When it returns, the chunk's memory may be used again. */
  write(chunk: Uint8Array): Promise<void>;
  /** Makes the part durable, name and bytes, and returns it. Throws `no-space`, `sync-failed`, `volume-failed`
   * or `store-io`; then the part is dropped, and an earlier part of that number is still there. `spans` are the
   * hashes of all that was given to `write`, where the part was begun with `hashedByCaller`: else `bad-argument`. */
  commit(spans?: readonly HashedSpan[]): Promise<StoredPart>;
  /** Drops what was written. Does nothing after `commit`. */
  discard(): Promise<void>;
}

export type ObjectStat =
  | { readonly kind: "absent" }
  | { readonly kind: "in-progress"; readonly parts: readonly { number: number; sizeBytes: number }[] }
  | { readonly kind: "complete"; readonly sizeBytes: number; readonly parts: readonly StoredPart[] };

export type CompleteOutcome =
  | { readonly kind: "completed"; readonly sizeBytes: number; readonly parts: readonly StoredPart[] }
  /** It was complete with the same parts already. */
  | { readonly kind: "already-complete"; readonly sizeBytes: number; readonly parts: readonly StoredPart[] }
  /** It was complete with other parts; they stay. */
  | { readonly kind: "conflict"; readonly parts: readonly StoredPart[] };

/** A complete object, open to be read. Only `readInto` holds files open between reads. */
export interface StoredObject {
  readonly key: string;
  readonly sizeBytes: number;
  readonly parts: readonly StoredPart[];
  /** Exactly `lengthBytes` from `offsetBytes`, at most 64 MiB at a time. Throws `bad-argument` outside the
   * object and `object-damaged` where bytes are missing. */
  read(offsetBytes: number, lengthBytes: number): Promise<Buffer>;
  /** Fills `target` from `offsetBytes`, for who reads range after range: the store keeps a bounded number of files
   * open for a while, and closes those of an object before its `delete` returns. Throws as `read` does. */
  readInto(target: Uint8Array, offsetBytes: number): Promise<void>;
  /** The same range in chunks of at most 256 KiB, in bounded memory. */
  stream(offsetBytes: number, lengthBytes: number): AsyncGenerator<Buffer, void, undefined>;
}

export type OpenedObject =
  { readonly kind: "absent" } | { readonly kind: "object"; readonly object: StoredObject };

export type RangeOutcome =
  | { readonly kind: "absent" }
  | { readonly kind: "range"; readonly chunks: AsyncGenerator<Buffer, void, undefined> };

/** How deep `check` looks: file lengths, or every byte against its hash (no key is needed). */
export type CheckLevel = "length" | "hash";

export interface ObjectFinding {
  readonly kind: "missing" | "length" | "hash" | "index";
  /** The part it is about; none where the index itself is damaged. */
  readonly partNumber?: number;
  readonly detail: string;
}

export interface ObjectStore {
  /** The least length in bytes of each part but the last. */
  readonly minPartBytes: number;
  /** Starts a part; the object comes into being with its first. Throws `object-complete` where the object is
   * complete. */
  beginPart(key: string, partNumber: number, options?: BeginOptions): Promise<PartWriter>;
  /** Writes one part that is in memory; durable on return. */
  putPart(key: string, partNumber: number, bytes: Uint8Array): Promise<StoredPart>;
  /** Makes the object readable from exactly these parts, in this order; others are dropped. Idempotent. Throws
   * `part-missing` or `part-too-small` where the parts are not as claimed. */
  complete(key: string, parts: readonly ClaimedPart[]): Promise<CompleteOutcome>;
  /** Writes a whole small object of one part. The same bytes again are a no-op. */
  putObject(key: string, bytes: Uint8Array): Promise<CompleteOutcome>;
  /** Drops an object in progress, durably. Idempotent. Throws `object-complete`: only `delete` removes those. */
  abort(key: string): Promise<void>;
  stat(key: string): Promise<ObjectStat>;
  openObject(key: string): Promise<OpenedObject>;
  /** Bytes of a complete object; in progress counts as absent. */
  getRange(key: string, offsetBytes: number, lengthBytes: number): Promise<RangeOutcome>;
  /** Removes an object, complete or not; durable on return, whether or not this call found it. */
  delete(key: string): Promise<{ readonly kind: "deleted" | "absent" }>;
  /** All objects whose key starts with `prefix`, in no order. */
  list(
    prefix?: string,
  ): AsyncGenerator<{ readonly key: string; readonly kind: "complete" | "in-progress" }, void, undefined>;
  /** Compares a complete object with its index: nothing found means none at that level. */
  check(key: string, level: CheckLevel): Promise<ObjectFinding[]>;
}
