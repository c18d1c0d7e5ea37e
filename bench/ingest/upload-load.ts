// What a round of an ingest bench sends: the same for every contestant of it.
import type { Settings } from "../harness/bench.ts";

export interface UploadLoad {
  /** How many uploads run side by side. */
  readonly uploads: number;
  /** Of one upload; of Sworn's it is the ciphertext. */
  readonly uploadBytes: number;
  readonly requestBytes: number;
}

const MEBIBYTE = 1024 * 1024;

export function loadOf(settings: Settings, quick: boolean): UploadLoad {
  const {
    uploads = 2,
    uploadBytes = 256 * MEBIBYTE,
    requestBytes = 8 * MEBIBYTE,
  } = settings as Partial<UploadLoad>;
  return { uploads, uploadBytes: quick ? Math.min(uploadBytes, 10 * MEBIBYTE) : uploadBytes, requestBytes };
}
