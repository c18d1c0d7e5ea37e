// A camera as other capabilities need it.
import type { CameraId } from "@sworn/contract";
import { parseCertificate, type ParsedCertificate } from "@sworn/custody";
import type { ForceTransaction } from "../platform/database/database.ts";
import { readCamera, type StoredCamera } from "./store.ts";

export interface FoundCamera {
  readonly row: StoredCamera;
  /** With the public key that its journal is signed under. */
  readonly certificate: ParsedCertificate;
}

/** Undefined: there is no such camera in the transaction's force. */
export async function findCamera(tx: ForceTransaction, id: CameraId): Promise<FoundCamera | undefined> {
  const row = await readCamera(tx, id);
  return row === undefined ? undefined : { row, certificate: await parseCertificate(row.certificate) };
}
