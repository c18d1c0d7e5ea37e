// Measures one part as its ciphertext passes: hash of the ciphertext, and of the plaintext as far as it authenticates.
import { createHash, type Hash } from "node:crypto";
import { VaultError, releaseBytes, startFloeDecryption, type FloeDecryptor } from "@sworn/vault";
import { mediaAssociatedData } from "@sworn/custody";
import type { MeasuredPart, PromisedParts } from "./intake-job.ts";

export interface PartKey {
  readonly force: Uint8Array;
  readonly recording: Uint8Array;
  readonly key: Uint8Array;
}

export class PartMeasure {
  readonly #index: number;
  readonly #stored: Hash = createHash("sha256");
  readonly #plain: Hash = createHash("sha256");
  #floe: FloeDecryptor | null;
  #storedBytes = 0;
  #lengthBytes = 0;

  constructor({ force, recording, key }: PartKey, index: number) {
    this.#index = index;
    this.#floe = startFloeDecryption({ key, associatedData: mediaAssociatedData(force, recording, index) });
  }

  update(piece: Uint8Array): void {
    this.#stored.update(piece);
    this.#storedBytes += piece.byteLength;
    const released = this.#try((floe) => floe.update(piece)) ?? [];
    for (const plaintext of released) {
      this.#plain.update(plaintext);
      this.#lengthBytes += plaintext.byteLength;
      // The next segment is decrypted into the same memory, which is in the processor's cache still.
      releaseBytes(plaintext);
    }
  }

  /** SHA-256 of the ciphertext up to here. */
  storedSoFar(): Uint8Array {
    return this.#stored.copy().digest();
  }

  finish(): MeasuredPart {
    this.#try((floe) => {
      floe.finish();
    });
    return {
      index: this.#index,
      lengthBytes: this.#lengthBytes,
      hash: this.#floe === null ? null : this.#plain.digest(),
      storedBytes: this.#storedBytes,
      storedHash: this.#stored.digest(),
    };
  }

  #try<T>(act: (floe: FloeDecryptor) => T): T | undefined {
    if (this.#floe === null) return undefined;
    try {
      return act(this.#floe);
    } catch (error) {
      if (!(error instanceof VaultError)) throw error;
      this.#floe = null;
      return undefined;
    }
  }
}

/** Whether a part came as it was promised. */
export function isAsPromised(measured: MeasuredPart, promised: PromisedParts): boolean {
  const { index, hash, storedHash } = measured;
  return (
    measured.storedBytes === promised.storedBytes[index] &&
    measured.lengthBytes === promised.lengthBytes[index] &&
    hash !== null &&
    Buffer.compare(hash, hashAt(promised.hashes, index)) === 0 &&
    Buffer.compare(storedHash, hashAt(promised.storedHashes, index)) === 0
  );
}

function hashAt(hashes: Uint8Array, index: number): Uint8Array {
  return hashes.subarray(index * 32, (index + 1) * 32);
}
