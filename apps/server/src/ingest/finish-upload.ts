// Finishes an upload that has all its bytes: complete the object, check what no connection of this process checked as it
// passed, then collect the recording or keep the bytes apart. Every step may be run again after a crash.
import type { ForceId } from "@sworn/contract";
import { equalBytes, masterIdentity, parseId } from "@sworn/custody";
import { VaultError } from "@sworn/vault";
import {
  collectRecording,
  findRecording,
  issueReceipt,
  partsOf,
  type RecordingRow,
} from "../evidence/index.ts";
import { withForce } from "../platform/database/database.ts";
import { finishImport } from "./finish-import.ts";
import { isFile, promisedParts, readRecordingKey } from "./intake-job-of.ts";
import { isAsPromised } from "./intake/measure-part.ts";
import type { MeasuredPart } from "./intake/intake-job.ts";
import type { IngestPorts } from "./ports.ts";
import { quarantineUpload } from "./quarantine-upload.ts";
import { refuseUpload } from "./refuse-upload.ts";
import { findUpload, settleUpload, type UploadRow } from "./store.ts";

export async function finishUpload(ports: IngestPorts, forceId: ForceId, uploadId: string): Promise<void> {
  const { database, store } = ports.evidence;
  const actor = { forceId, personId: null };
  const upload = await withForce(database, actor, (tx) => findUpload(tx, uploadId));
  if (upload?.state !== "verifying") return;
  const seen = ports.memory.of(upload.id);
  const claims = upload.store_parts.map((sizeBytes, place) => {
    return { number: place + 1, sizeBytes, ...seen.storeHashes.get(place + 1) };
  });
  try {
    await store.complete(upload.object_key, claims);
  } catch (error) {
    if (!(error instanceof VaultError) || error.code !== "part-missing") throw error;
    await refuseUpload(
      ports,
      forceId,
      upload,
      "Stored bytes were lost before they were collected. Send it again.",
    );
    return;
  }
  if (isFile(upload)) await finishImport(ports, forceId, upload);
  else await finishMedia(ports, forceId, upload);
  ports.memory.forget(upload.id);
}

async function finishMedia(ports: IngestPorts, forceId: ForceId, upload: UploadRow): Promise<void> {
  const row = await withForce(ports.evidence.database, { forceId, personId: null }, (tx) =>
    findRecording(tx, upload.recording_id),
  );
  if (row?.state !== "expected") {
    await dropDuplicate(ports, forceId, upload);
    return;
  }
  const parts = partsOf(row);
  const whole = wholeParts(parts, upload.length_bytes);
  const altered = await alteredParts(ports, forceId, upload, { row, whole });
  const isSealed = row.identity !== null && equalBytes(await masterIdentity(parts), row.identity);
  if (altered.size > 0 || !isSealed || whole < parts.length) {
    await quarantineUpload(ports, forceId, upload, { row, altered, isSealed, whole });
    return;
  }
  const collected = await collectRecording(ports.evidence, {
    forceId,
    recording: row.id,
    verdict: upload.imported_by === null && row.hand_in_id === null ? "verified" : "untrusted",
    objectKey: upload.object_key,
    parts,
    actor: upload.imported_by === null ? {} : { person: upload.imported_by },
    settle: (tx) =>
      settleUpload(tx, upload.id, "collected", { problem: null, at: new Date(ports.evidence.clock.nowMs()) }),
  });
  if (collected.outcome === "superseded") await dropDuplicate(ports, forceId, upload);
  else await issueReceipt(ports.evidence, forceId, row.id);
}

/** How many parts the bytes are long enough for: of a lost camera's recording fewer may be left than were promised. */
function wholeParts(parts: readonly { readonly storedBytes: number }[], lengthBytes: number): number {
  let end = 0;
  const cut = parts.findIndex(({ storedBytes }) => (end += storedBytes) > lengthBytes);
  return cut < 0 ? parts.length : cut;
}

/** The whole parts that are not as the journal promises them, from memory where they passed here, else from the disk. */
async function alteredParts(
  ports: IngestPorts,
  forceId: ForceId,
  upload: UploadRow,
  { row, whole }: { readonly row: RecordingRow; readonly whole: number },
): Promise<Map<number, MeasuredPart>> {
  const seen = ports.memory.of(upload.id);
  const promised = promisedParts(partsOf(row));
  const altered = new Map(seen.measured);
  const wanted = [...promised.storedBytes.keys()].filter(
    (index) => index < whole && !seen.verified.has(index) && !altered.has(index),
  );
  if (wanted.length === 0) return altered;
  const key = {
    force: parseId(forceId),
    recording: parseId(row.id),
    key: await readRecordingKey(ports, upload),
  };
  const { storedBytes } = promised;
  const result = await ports.pool.run({
    kind: "measure",
    objectKey: upload.object_key,
    key,
    storedBytes,
    wanted,
  });
  if (result.kind !== "measured") return altered;
  for (const part of result.parts) if (!isAsPromised(part, promised)) altered.set(part.index, part);
  return altered;
}

/** Another upload of the same recording was collected first, or it was destroyed meanwhile: no second copy, no second life. */
async function dropDuplicate(ports: IngestPorts, forceId: ForceId, upload: UploadRow): Promise<void> {
  await ports.evidence.store.delete(upload.object_key);
  await withForce(ports.evidence.database, { forceId, personId: null }, (tx) =>
    settleUpload(tx, upload.id, "collected", {
      problem: "It was here already; these bytes were dropped.",
      at: new Date(ports.evidence.clock.nowMs()),
    }),
  );
}
