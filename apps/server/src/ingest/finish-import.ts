// Finishes the import of a film from elsewhere: it must be a readable MP4; then it is collected as unattested, with the
// times that the importing person stated. A file that cannot be read is refused with nothing stored.
import type { BoroughId, ForceId, PersonId } from "@sworn/contract";
import { parseId, type TimedPart } from "@sworn/custody";
import { MediaError, probeMp4, type Mp4Probe } from "@sworn/media";
import { collectRecording, issueReceipt, openPlaintext, recordingKeyId } from "../evidence/index.ts";
import type { StatedFile } from "./create-import.ts";
import { filePartLengths, readRecordingKey } from "./intake-job-of.ts";
import { IntakeFault } from "./intake/intake-job.ts";
import type { IngestPorts } from "./ports.ts";
import { refuseUpload } from "./refuse-upload.ts";
import { settleUpload, type UploadRow } from "./store.ts";

export async function finishImport(ports: IngestPorts, forceId: ForceId, upload: UploadRow): Promise<void> {
  const parts = await madeParts(ports, forceId, upload);
  const probe = await probeStored(ports, forceId, upload, parts);
  if (typeof probe === "string") {
    await refuseUpload(ports, forceId, upload, probe);
    await ports.evidence.keys.delete(recordingKeyId(upload.recording_id));
    return;
  }
  const stated = upload.stated as unknown as StatedFile;
  const person = upload.imported_by;
  const collected = await collectRecording(ports.evidence, {
    forceId,
    recording: upload.recording_id,
    verdict: "unattested",
    objectKey: upload.object_key,
    parts,
    actor: person === null ? {} : { person },
    imported: {
      fileName: stated.fileName,
      officerId: stated.officer as PersonId | null,
      boroughId: stated.borough as BoroughId | null,
      incident: stated.incident,
      startedAt: new Date(stated.startedAtMs),
      durationMs: probe.durationMs,
      place: stated.place,
    },
    settle: (tx) =>
      settleUpload(tx, upload.id, "collected", { problem: null, at: new Date(ports.evidence.clock.nowMs()) }),
  });
  if (collected.outcome === "collected") await issueReceipt(ports.evidence, forceId, upload.recording_id);
}

/** The parts as the server made them; what a crash forgot is read back and decrypted, which proves it whole. */
async function madeParts(ports: IngestPorts, forceId: ForceId, upload: UploadRow): Promise<TimedPart[]> {
  const seen = ports.memory.of(upload.id);
  const storedBytes = filePartLengths(upload.length_bytes);
  const measured = new Map(seen.measured);
  const wanted = [...storedBytes.keys()].filter((index) => !measured.has(index));
  if (wanted.length > 0) {
    const key = {
      force: parseId(forceId),
      recording: parseId(upload.recording_id),
      key: await readRecordingKey(ports, upload),
    };
    const result = await ports.pool.run({
      kind: "measure",
      objectKey: upload.object_key,
      key,
      storedBytes,
      wanted,
    });
    if (result.kind === "measured") for (const part of result.parts) measured.set(part.index, part);
  }
  return [...storedBytes.keys()].map((index) => {
    const part = measured.get(index);
    if (part === undefined || part.hash === null)
      throw new IntakeFault("fault", "A part of an import does not decrypt any more. Run sworn fsck.");
    const { lengthBytes, hash, storedHash } = part;
    return { lengthBytes, hash, storedBytes: part.storedBytes, storedHash, startMs: 0, durationMs: 0 };
  });
}

/** What the film is, or why it cannot be read. */
async function probeStored(
  ports: IngestPorts,
  forceId: ForceId,
  upload: UploadRow,
  parts: readonly TimedPart[],
): Promise<Mp4Probe | string> {
  const key = await readRecordingKey(ports, upload);
  const plaintext = await openPlaintext(ports.evidence.store, {
    objectKey: upload.object_key,
    force: parseId(forceId),
    recording: parseId(upload.recording_id),
    key,
    parts,
  });
  try {
    return await probeMp4((offsetBytes, lengthBytes) => plaintext.read(offsetBytes, lengthBytes));
  } catch (error) {
    if (error instanceof MediaError && error.code !== "read-failed") return error.message;
    throw error;
  }
}
