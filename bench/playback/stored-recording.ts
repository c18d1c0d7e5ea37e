// Puts a recording where ingest would have put it: ciphertext in the store, its key in the ring, its row in the
// database. For benches that read; the server that will serve it must not be running.
import { createHash, randomBytes, randomUUID } from "node:crypto";
import type { ForceId, RecordingId } from "@sworn/contract";
import { encodeCbor, masterIdentity, mediaAssociatedData, parseId, partToRow } from "@sworn/custody";
import type { TimedPart } from "@sworn/custody";
import { encryptFloe, S3_MIN_PART_BYTES } from "@sworn/vault";
import { Client } from "pg";
import type { Vault } from "../../apps/server/src/open-vault.ts";
import type { Platform } from "../../apps/server/src/platform/open-platform.ts";

const initBytes = 900;
/** Two seconds at 5 Mbit/s. */
export const fragmentBytes = 1_250_000;
const fragmentMs = 2_000;

export interface StoredRecording {
  readonly id: RecordingId;
  /** Of the playable file. */
  readonly sizeBytes: number;
  readonly sha256: string;
}

const digest = (bytes: Uint8Array): Buffer => createHash("sha256").update(bytes).digest();

export async function storeRecording(
  given: { readonly platform: Platform; readonly vault: Vault; readonly forceId: ForceId },
  fragments: number,
): Promise<StoredRecording> {
  const { platform, vault, forceId } = given;
  const id = randomUUID() as RecordingId;
  const key = randomBytes(32);
  const parts: TimedPart[] = [];
  const whole = createHash("sha256");
  const sealed: Buffer[] = [];
  for (let index = 0; index <= fragments; index += 1) {
    const plaintext = randomBytes(index === 0 ? initBytes : fragmentBytes);
    const associatedData = mediaAssociatedData(parseId(forceId), parseId(id), index);
    const ciphertext = Buffer.from(encryptFloe({ key, associatedData, plaintext }));
    parts.push({
      ...{ lengthBytes: plaintext.length, hash: digest(plaintext) },
      ...{ storedBytes: ciphertext.length, storedHash: digest(ciphertext) },
      ...(index === 0
        ? { startMs: 0, durationMs: 0 }
        : { startMs: (index - 1) * fragmentMs, durationMs: fragmentMs }),
    });
    whole.update(plaintext);
    sealed.push(ciphertext);
  }
  const object = Buffer.concat(sealed);
  const objectKey = `${forceId}/recordings/${id}/media`;
  const stored = [];
  // As ingest stores it: in parts, so that ranges cross their borders.
  const partBytes = 2 * S3_MIN_PART_BYTES;
  for (let at = 0, number = 1; at < object.length; at += partBytes, number += 1)
    stored.push(await vault.store.putPart(objectKey, number, object.subarray(at, at + partBytes)));
  await vault.store.complete(objectKey, stored);
  await vault.keys.put(`recording/${id}`, key);
  const sizeBytes = parts.reduce((sum, { lengthBytes }) => sum + lengthBytes, 0);
  const at = new Date();
  const row: Record<string, unknown> = {
    ...{ id, force_id: forceId, number: 1, state: "collected", format: "cmaf", verdict: "verified" },
    ...{ identity: Buffer.from(await masterIdentity(parts)), clock: "dock", object_key: objectKey },
    ...{ recorded_start_at: at, recorded_end_at: at, received_at: at, created_at: at },
    ...{ duration_ms: fragments * fragmentMs, part_count: parts.length, stored_bytes: object.length },
    length_bytes: sizeBytes,
    parts: Buffer.from(encodeCbor(parts.map(partToRow))),
  };
  const names = Object.keys(row);
  const client = new Client(platform.databaseSource.administrator);
  await client.connect();
  try {
    const places = names.map((_, index) => `$${String(index + 1)}`).join(", ");
    const insert = `insert into sworn.recording (${names.join(", ")}) values (${places})`;
    await client.query(insert, Object.values(row));
  } finally {
    await client.end();
  }
  return { id, sizeBytes, sha256: whole.digest("hex") };
}
