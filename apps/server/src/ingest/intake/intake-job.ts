// What a worker is told and what it tells. Everything here crosses a thread: plain values and byte arrays only.

/** A file without a journal is cut into parts of this length (evidence format §5). */
export const FILE_PART_BYTES = 4 * 1024 * 1024;
/** A cut connection's tail that is shorter is dropped: it is cheaper to send again than to store and copy. */
export const KEPT_TAIL_BYTES = 1024 * 1024;

interface CommonJob {
  readonly objectKey: string;
  /** Sizes of the store parts that are durable, in order. */
  readonly storeParts: readonly number[];
  readonly storePartBytes: number;
  readonly force: Uint8Array;
  readonly recording: Uint8Array;
  /** The recording's key. */
  readonly key: Uint8Array;
}

/** The parts that the journal promises, in a shape that crosses threads cheaply. Hashes stand one behind the other. */
export interface PromisedParts {
  readonly lengthBytes: readonly number[];
  readonly storedBytes: readonly number[];
  readonly hashes: Uint8Array;
  readonly storedHashes: Uint8Array;
}

/** Ciphertext from a camera: store it as it comes, and check each part against the journal. */
export interface MediaJob extends CommonJob {
  readonly kind: "media";
  /** Where the ciphertext goes on. */
  readonly offsetBytes: number;
  readonly promised: PromisedParts;
}

/** A file in plaintext: cut it, encrypt it, store it. */
export interface FileJob extends CommonJob {
  readonly kind: "file";
  /** Where the plaintext goes on: a whole number of parts. */
  readonly offsetBytes: number;
  readonly lengthBytes: number;
}

export type IntakeJob = MediaJob | FileJob;

/** A part as it came, measured. */
export interface MeasuredPart {
  readonly index: number;
  /** Plaintext that could be authenticated; `hash` is null where the ciphertext does not decrypt. */
  readonly lengthBytes: number;
  readonly hash: Uint8Array | null;
  readonly storedBytes: number;
  readonly storedHash: Uint8Array;
}

/** What is now durable in the store. */
export interface StoredProgress {
  /** The store part's number, from 1. An extended part has the number of the one before. */
  readonly number: number;
  readonly sizeBytes: number;
  /** The store's digest of the part, hexadecimal, and the spans it is made of. */
  readonly sha256: string;
  readonly spans: readonly number[];
  /** The upload's offset with this part: ciphertext of media, plaintext of a file. */
  readonly offsetBytes: number;
  /** Indexes of media parts that ended in it and are as promised. */
  readonly verified: readonly number[];
  /** Media parts that are not as promised; of a file, every part that was made. */
  readonly measured: readonly MeasuredPart[];
}

/** `end`: all was sent that this request brings; `cut`: the connection broke. */
export type EndOf = "end" | "cut";

export type IntakeFaultCode =
  | "no-space"
  | "volume-failed"
  /** The last short part in the store is not the one that the database knows: take it back and send it again. */
  | "tail-mismatch"
  | "worker-gone"
  | "fault";

export class IntakeFault extends Error {
  readonly code: IntakeFaultCode;

  constructor(code: IntakeFaultCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "IntakeFault";
    this.code = code;
  }
}
