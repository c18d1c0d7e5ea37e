// Level 3: every working copy opens under its master's key and is what was made.
import { equalBytes } from "@sworn/custody";
import { decryptFloe, unwrapUnder, VaultError } from "@sworn/vault";
import { recordingKeyId } from "../evidence/index.ts";
import { derivativeAssociatedData } from "../playback/index.ts";
import { hash } from "./digest.ts";
import type { ForceCheck } from "./ports.ts";
import { readObject } from "./read-object.ts";
import { eachDerivative, type StoredDerivative } from "./store.ts";
import { objectOf } from "./subjects.ts";

export async function checkDerivatives(check: ForceCheck): Promise<void> {
  for await (const row of eachDerivative(check.query)) {
    check.looked("working copies");
    const master = await check.keys?.get(recordingKeyId(row.recording_id)).catch(() => null);
    // A master's key that is not there, and an object that cannot be read, were told of before.
    if (master?.kind !== "key" || (await check.ports.store.check(row.object_key, "hash")).length > 0)
      continue;
    const stored = await readObject(check, row.object_key);
    if (stored.kind !== "bytes" || isAsMade(row, master.key, stored.bytes)) continue;
    const message = `The ${row.kind} of recording ${row.recording_id} is stored as it was, and does not decrypt to what was made.`;
    check.tell({ kind: "plaintext-altered", subject: objectOf(row.object_key), message });
  }
}

function isAsMade(row: StoredDerivative, masterKey: Uint8Array, ciphertext: Uint8Array): boolean {
  try {
    const key = unwrapUnder(masterKey, row.wrapped_key);
    const associatedData = derivativeAssociatedData(row.force_id, row.recording_id, row.id);
    return equalBytes(hash(decryptFloe({ key, associatedData, ciphertext })), row.hash);
  } catch (error) {
    if (error instanceof VaultError) return false;
    throw error;
  }
}
