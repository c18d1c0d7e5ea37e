// Keeps whole what does not match its journal, with a verdict for each part, until a named person decides. Identical
// bytes are kept once; what waits is bounded by a quota. The camera keeps its copy: it gets no receipt.
import { randomUUID } from "node:crypto";
import type { ForceId } from "@sworn/contract";
import { parseId, toHex } from "@sworn/custody";
import { partsOf, type RecordingRow } from "../evidence/index.ts";
import { recordFinding } from "../findings/index.ts";
import { withForce } from "../platform/database/database.ts";
import type { MeasuredPart } from "./intake/intake-job.ts";
import type { IngestPorts } from "./ports.ts";
import { insertQuarantine, quarantinedBytes } from "./quarantine-store.ts";
import { refuseUpload } from "./refuse-upload.ts";
import { settleUpload, type UploadRow } from "./store.ts";

/** What came of one part. Hashes in hexadecimal; `plaintextHash` null: it does not decrypt as this part. */
export interface PartVerdict {
  readonly index: number;
  readonly fromMs: number;
  readonly toMs: number;
  /** `missing`: it did not come, or not all of it. */
  readonly verdict: "verified" | "altered" | "missing";
  readonly expected?: { readonly storedHash: string; readonly plaintextHash: string };
  readonly actual?: { readonly storedHash: string; readonly plaintextHash: string | null };
}

/** Why bytes that differ were dropped: the camera keeps them, and sends them again. */
export const QUARANTINE_FULL = "It does not match its journal, and the quarantine is full.";

export interface Mismatch {
  readonly row: RecordingRow;
  readonly altered: ReadonlyMap<number, MeasuredPart>;
  /** False: the parts are not those that the seal names. */
  readonly isSealed: boolean;
  /** Parts that the bytes are long enough for. */
  readonly whole: number;
}

export async function quarantineUpload(
  ports: IngestPorts,
  forceId: ForceId,
  upload: UploadRow,
  mismatch: Mismatch,
): Promise<void> {
  const { database, clock, ledger } = ports.evidence;
  const hashed = await ports.pool.run({ kind: "hash", objectKey: upload.object_key });
  if (hashed.kind !== "hashed") return;
  const actor = { forceId, personId: null };
  const verdicts = verdictsOf(mismatch);
  const reason = reasonOf(verdicts, mismatch.isSealed);
  const at = new Date(clock.nowMs());
  const outcome = await withForce(database, actor, async (tx) => {
    const waiting = await quarantinedBytes(tx);
    if (waiting + upload.length_bytes > ports.limits.quarantineBytes) {
      // Its bytes are not kept here, so that somebody must know where they still are.
      const detail = { reason, problem: "quarantine-full", sizeBytes: upload.length_bytes, waiting };
      const about = { cameraId: upload.camera_id, recordingId: upload.recording_id };
      const finding = { ...about, kind: "altered", subject: toHex(hashed.hash), detail } as const;
      await recordFinding(tx, finding, at.getTime());
      return "full";
    }
    const isNew = await insertQuarantine(tx, {
      id: randomUUID(),
      force_id: forceId,
      upload_id: upload.id,
      camera_id: upload.camera_id,
      recording_id: upload.recording_id,
      number: upload.number,
      reason,
      verdicts: JSON.stringify(verdicts),
      hash: hashed.hash,
      size_bytes: upload.length_bytes,
      object_key: upload.object_key,
      arrived_at: at,
      decided_at: null,
      decided_by: null,
      decision: null,
      decision_reason: null,
    });
    await settleUpload(tx, upload.id, "quarantined", { problem: reason, at });
    if (!isNew) return "known";
    await recordFinding(
      tx,
      {
        kind: "altered",
        cameraId: upload.camera_id,
        recordingId: upload.recording_id,
        subject: toHex(hashed.hash),
        detail: { reason, parts: verdicts.filter(({ verdict }) => verdict !== "verified").slice(0, 100) },
      },
      at.getTime(),
    );
    await ledger.stage(tx, {
      event: "recording-quarantined",
      actor: { system: "ingest" },
      recording: parseId(upload.recording_id),
      ...(upload.camera_id === null ? {} : { camera: parseId(upload.camera_id) }),
      data: { hash: hashed.hash, sizeBytes: upload.length_bytes, reason },
    });
    return "kept";
  });
  if (outcome === "full") {
    await refuseUpload(ports, forceId, upload, QUARANTINE_FULL);
  } else if (outcome === "known") await ports.evidence.store.delete(upload.object_key);
}

function verdictsOf({ row, altered, whole }: Mismatch): PartVerdict[] {
  return partsOf(row).map((part, index) => {
    const found = altered.get(index);
    const place = { index, fromMs: part.startMs, toMs: part.startMs + part.durationMs };
    const expected = { storedHash: toHex(part.storedHash), plaintextHash: toHex(part.hash) };
    if (index >= whole) return { ...place, verdict: "missing", expected };
    if (found === undefined) return { ...place, verdict: "verified" };
    return {
      ...place,
      ...{ verdict: "altered", expected },
      actual: { storedHash: toHex(found.storedHash), plaintextHash: found.hash && toHex(found.hash) },
    };
  });
}

function reasonOf(verdicts: readonly PartVerdict[], isSealed: boolean): string {
  const told = (["altered", "missing"] as const).flatMap((verdict) => {
    const those = verdicts.filter((one) => one.verdict === verdict);
    const [first, last] = [those[0], those.at(-1)];
    if (first === undefined || last === undefined) return [];
    const seconds = `${(first.fromMs / 1000).toFixed(1)} s to ${(last.toMs / 1000).toFixed(1)} s`;
    const what = verdict === "altered" ? "are not as the journal promised" : "did not come whole";
    return [`${String(those.length)} of ${String(verdicts.length)} parts ${what}, ${seconds}.`];
  });
  if (told.length > 0) return told.join(" ");
  return isSealed
    ? "It does not match its journal."
    : "The seal does not name the parts that the journal does.";
}
