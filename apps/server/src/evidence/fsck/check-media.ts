// Levels 2 and 3: every stored byte of a recording against the hashes of its parts; at level 3 decrypted as well. Each
// altered part is named with its seconds.
import { createHash } from "node:crypto";
import { equalBytes, mediaAssociatedData, parseId, type TimedPart } from "@sworn/custody";
import { VaultError, startFloeDecryption, type FloeDecryptor, type StoredObject } from "@sworn/vault";
import { partsOf } from "../parts-blob.ts";
import { manifestObjectKey, receiptObjectKey, recordingKeyId } from "../recording-keys.ts";
import type { RecordingRow } from "../store.ts";
import { sha256 } from "@sworn/custody";
import { eachRecording, type ForceCheck } from "./ports.ts";

export async function checkMedia(check: ForceCheck): Promise<void> {
  for await (const row of eachRecording(check)) {
    check.looked();
    if (row.state !== "collected" || row.object_key === null) continue;
    await checkStatements(check, row);
    // What a person accepted as altered differs from its journal by definition; the store's own hash must still fit.
    if (row.verdict === "altered") await checkWhole(check, row, row.object_key);
    else await checkParts(check, row, row.object_key);
  }
}

async function checkStatements(check: ForceCheck, row: RecordingRow): Promise<void> {
  const { forceId } = check;
  if (row.manifest !== null)
    await checkWhole(check, row, manifestObjectKey(forceId, row.id, await sha256(row.manifest)));
  if (row.receipt !== null) await checkWhole(check, row, receiptObjectKey(forceId, row.id));
}

async function checkWhole(check: ForceCheck, row: RecordingRow, key: string): Promise<void> {
  for (const finding of await check.ports.store.check(key, "hash")) {
    check.tell({ ...about(check, row), kind: "object-altered", subject: key, detail: finding.detail });
  }
}

const about = (check: ForceCheck, row: RecordingRow) => ({
  level: check.level,
  forceId: check.forceId,
  recording: row.id,
  ...(row.camera_id === null ? {} : { camera: row.camera_id }),
});

async function checkParts(check: ForceCheck, row: RecordingRow, objectKey: string): Promise<void> {
  const opened = await check.ports.store.openObject(objectKey).catch(() => ({ kind: "absent" }) as const);
  // Level 1 has told of it.
  if (opened.kind === "absent") return;
  const key = check.level === "plaintext" ? await keyOf(check, row) : null;
  let offset = 0;
  for (const [index, part] of partsOf(row).entries()) {
    const floe = key && startFloeDecryption({ key, associatedData: aad(row, index) });
    const problem = await checkPart(opened.object, part, offset, floe);
    offset += part.storedBytes;
    if (problem === null) continue;
    const place = { index, fromMs: part.startMs, toMs: part.startMs + part.durationMs };
    check.tell({
      ...about(check, row),
      kind: "part-altered",
      subject: objectKey,
      part: place,
      detail: problem,
    });
  }
}

function aad(row: RecordingRow, index: number): Uint8Array {
  return mediaAssociatedData(parseId(row.force_id), parseId(row.id), index);
}

async function keyOf(check: ForceCheck, row: RecordingRow): Promise<Uint8Array | null> {
  const found = await check.ports.keys.get(recordingKeyId(row.id)).catch(() => null);
  return found?.kind === "key" ? found.key : null;
}

/** Null, or what is wrong with the part. */
async function checkPart(
  object: StoredObject,
  part: TimedPart,
  offset: number,
  floe: FloeDecryptor | null,
): Promise<string | null> {
  const stored = createHash("sha256");
  const plain = createHash("sha256");
  let decryption: string | null = null;
  try {
    for await (const chunk of object.stream(offset, part.storedBytes)) {
      stored.update(chunk);
      if (floe === null || decryption !== null) continue;
      try {
        for (const piece of floe.update(chunk)) plain.update(piece);
      } catch (error) {
        if (!(error instanceof VaultError)) throw error;
        decryption = error.message;
      }
    }
  } catch (error) {
    if (error instanceof VaultError) return `It cannot be read: ${error.message}.`;
    throw error;
  }
  if (!equalBytes(stored.digest(), part.storedHash)) return "Its ciphertext is not what was received.";
  if (decryption !== null) return `It does not decrypt: ${decryption}.`;
  return floe !== null && !equalBytes(plain.digest(), part.hash)
    ? "Its plaintext is not what was recorded."
    : null;
}
