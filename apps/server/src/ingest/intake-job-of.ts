// What the intake is told of an upload that goes on at its offset.
import { concatBytes, parseId, type TimedPart } from "@sworn/custody";
import { ciphertextLengthFor } from "@sworn/vault";
import { EvidenceFault, findRecording, partsOf, recordingKeyId } from "../evidence/index.ts";
import type { ForceId } from "@sworn/contract";
import { withForce } from "../platform/database/database.ts";
import { FILE_PART_BYTES, type IntakeJob, type PromisedParts } from "./intake/intake-job.ts";
import type { IngestPorts } from "./ports.ts";
import type { UploadRow } from "./store.ts";

export function promisedParts(parts: readonly TimedPart[]): PromisedParts {
  return {
    lengthBytes: parts.map((part) => part.lengthBytes),
    storedBytes: parts.map((part) => part.storedBytes),
    hashes: concatBytes(parts.map((part) => part.hash)),
    storedHashes: concatBytes(parts.map((part) => part.storedHash)),
  };
}

/** Ciphertext lengths of the parts that a file of this length is cut into. */
export function filePartLengths(lengthBytes: number): number[] {
  const lengths: number[] = [];
  for (let rest = lengthBytes; rest > 0; rest -= FILE_PART_BYTES) {
    lengths.push(ciphertextLengthFor(Math.min(rest, FILE_PART_BYTES)));
  }
  return lengths;
}

/** The offset of an upload whose durable store parts are these. */
export function offsetOfStored(upload: UploadRow, storeParts: readonly number[]): number {
  const storedBytes = storeParts.reduce((sum, size) => sum + size, 0);
  if (!isFile(upload)) return storedBytes;
  return Math.min(
    upload.length_bytes,
    Math.floor(storedBytes / ciphertextLengthFor(FILE_PART_BYTES)) * FILE_PART_BYTES,
  );
}

/** A film from elsewhere is encrypted here; all else comes encrypted, under a journal. */
export function isFile(upload: Pick<UploadRow, "stated">): boolean {
  return upload.stated !== null;
}

export async function readRecordingKey(ports: IngestPorts, upload: UploadRow): Promise<Uint8Array> {
  const found = await ports.evidence.keys.get(recordingKeyId(upload.recording_id));
  if (found.kind === "key") return found.key;
  throw new EvidenceFault("key-missing", `The key of recording ${upload.recording_id} is ${found.kind}.`);
}

export async function intakeJobOf(
  ports: IngestPorts,
  forceId: ForceId,
  upload: UploadRow,
): Promise<IntakeJob> {
  const common = {
    objectKey: upload.object_key,
    storeParts: upload.store_parts,
    storePartBytes: ports.limits.storePartBytes,
    offsetBytes: upload.offset_bytes,
    force: parseId(forceId),
    recording: parseId(upload.recording_id),
    key: await readRecordingKey(ports, upload),
  };
  if (isFile(upload)) return { ...common, kind: "file", lengthBytes: upload.length_bytes };
  const row = await withForce(ports.evidence.database, { forceId, personId: null }, (tx) =>
    findRecording(tx, upload.recording_id),
  );
  if (row === undefined) throw new EvidenceFault("recording-incomplete", "The upload's recording is gone.");
  return { ...common, kind: "media", promised: promisedParts(partsOf(row)) };
}
