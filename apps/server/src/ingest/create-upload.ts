// Begins an upload, or finds the one there is. A camera's recording must be promised by its accepted journal, with that
// length and that envelope; its key is in the key ring before the first byte can be acknowledged.
import { randomUUID } from "node:crypto";
import type { CameraId, ForceId, PersonId, RecordingId } from "@sworn/contract";
import {
  CustodyError,
  RECORDING_KEY_INFO,
  type Envelope,
  decodeEnvelope,
  encodeEnvelope,
  equalBytes,
  parseId,
  recordingKeyAssociatedData,
  sha256,
} from "@sworn/custody";
import { VaultError } from "@sworn/vault";
import { AuthorityError } from "../authority/index.ts";
import { readCamera } from "../devices/index.ts";
import {
  findRecording,
  mediaObjectKey,
  partsOf,
  recordingKeyId,
  type RecordingRow,
} from "../evidence/index.ts";
import { recordFinding } from "../findings/index.ts";
import { withForce, type ForceTransaction } from "../platform/database/database.ts";
import { isUniqueViolation } from "../platform/database/postgres-errors.ts";
import type { IngestPorts } from "./ports.ts";
import { findUploadOf, insertUpload, takeUploadOver, type UploadRow } from "./store.ts";
import type { CameraUpload } from "./upload-metadata.ts";

export interface UploadCaller {
  readonly forceId: ForceId;
  /** The dock's session, or null for a person's import. */
  readonly session: { readonly id: string; readonly cameraId: CameraId } | null;
  readonly personId: PersonId | null;
}

export type Created =
  | { readonly outcome: "created"; readonly upload: string }
  /** There is nothing to send: it is here, or was destroyed. */
  | { readonly outcome: "complete"; readonly upload: string }
  | {
      readonly outcome: "not-promised" | "not-sealed" | "wrong-length" | "wrong-envelope" | "camera-trusted";
      readonly reason: string;
    };

export async function createCameraUpload(
  ports: IngestPorts,
  caller: UploadCaller,
  order: CameraUpload & { readonly lengthBytes: number },
): Promise<Created> {
  const { database } = ports.evidence;
  const actor = { forceId: caller.forceId, personId: caller.personId };
  const row = await withForce(database, actor, (tx) => promised(tx, ports, caller, order));
  if (row === null) {
    const reason = "The camera's accepted journal promises no such recording. Send its journal first.";
    return { outcome: "not-promised", reason };
  }
  if (caller.session === null && (await isTrusted(ports, caller, order.camera))) {
    const reason = "The camera is in service: dock it. Only of a lost or retired one can a person import.";
    return { outcome: "camera-trusted", reason };
  }
  if (row.state !== "expected")
    return { outcome: "complete", upload: await completeUpload(ports, caller, row) };
  const parts = partsOf(row);
  const storedBytes = parts.reduce((sum, part) => sum + part.storedBytes, 0);
  // What was handed in of a camera that never came back was perhaps never sealed, and never will be.
  if ((row.seal_hash === null && row.hand_in_id === null) || parts.length === 0) {
    const reason =
      "The recording is not sealed yet. Start the camera again and dock it: then its journal ends it.";
    return { outcome: "not-sealed", reason };
  }
  // What a lost camera has less than its journal promised is taken all the same, and kept apart.
  const isCutShort = caller.personId !== null && order.lengthBytes < storedBytes;
  if (storedBytes !== order.lengthBytes && !isCutShort) {
    const reason = `The journal promises ${String(storedBytes)} bytes, and Upload-Length says ${String(order.lengthBytes)}.`;
    if (caller.personId !== null) await tellLength(ports, caller, order, storedBytes);
    return { outcome: "wrong-length", reason };
  }
  const refusal = await takeKey(ports, caller.forceId, order, row);
  if (refusal !== null) return { outcome: "wrong-envelope", reason: refusal };
  return openUpload(ports, actor, order.recording, (id) => ({
    id,
    force_id: caller.forceId,
    kind: caller.session === null ? "import" : "camera",
    camera_id: order.camera,
    recording_id: order.recording,
    number: order.number,
    session_id: caller.session?.id ?? null,
    imported_by: caller.personId,
    length_bytes: order.lengthBytes,
    object_key: mediaObjectKey(caller.forceId, order.recording, id),
    stated: null,
  }));
}

async function isTrusted(ports: IngestPorts, caller: UploadCaller, camera: CameraId): Promise<boolean> {
  const row = await withForce(ports.evidence.database, caller, (tx) => readCamera(tx, camera));
  return row?.state === "in-service";
}

/** Of a handed-in recording there is more than the journal says: nobody but a person can explain it. */
async function tellLength(
  ports: IngestPorts,
  caller: UploadCaller,
  order: CameraUpload & { readonly lengthBytes: number },
  promisedBytes: number,
): Promise<void> {
  const { database, clock } = ports.evidence;
  const finding = {
    kind: "altered",
    cameraId: order.camera,
    recordingId: order.recording,
    subject: `length:${order.lengthBytes.toString()}`,
    detail: { promisedBytes, offeredBytes: order.lengthBytes },
  } as const;
  await withForce(database, caller, (tx) => recordFinding(tx, finding, clock.nowMs()));
}

/** The recording if the journal promises it; else a finding, and null. */
async function promised(
  tx: ForceTransaction,
  ports: IngestPorts,
  { session }: UploadCaller,
  order: CameraUpload,
): Promise<RecordingRow | null> {
  const row = await findRecording(tx, order.recording);
  const isOwn = session === null || session.cameraId === order.camera;
  if (isOwn && row?.camera_id === order.camera && row.number === order.number) return row;
  await recordFinding(
    tx,
    {
      kind: "foreign-upload",
      cameraId: session?.cameraId ?? null,
      recordingId: null,
      subject: order.recording,
      detail: { camera: order.camera, recording: order.recording, number: order.number },
    },
    ports.evidence.clock.nowMs(),
  );
  return null;
}

/** Null when the key is durable in the key ring, else why it cannot be. */
async function takeKey(
  ports: IngestPorts,
  forceId: ForceId,
  order: CameraUpload,
  row: RecordingRow,
): Promise<string | null> {
  let envelope: Envelope;
  try {
    envelope = decodeEnvelope(order.envelope);
  } catch (error) {
    if (error instanceof CustodyError) return error.message;
    throw error;
  }
  if (row.envelope_hash === null || !equalBytes(await sha256(encodeEnvelope(envelope)), row.envelope_hash)) {
    return "The key envelope is not the one that the camera's journal names.";
  }
  const force = parseId(forceId);
  const { ingestKeys } = await ports.evidence.authorities.of(force);
  const associatedData = recordingKeyAssociatedData(force, parseId(order.camera), parseId(order.recording));
  let key: Uint8Array;
  try {
    key = await ingestKeys.open(envelope, RECORDING_KEY_INFO, associatedData);
  } catch (error) {
    const isExpected =
      (error instanceof AuthorityError && error.code === "ingest-key-unknown") ||
      (error instanceof VaultError && error.code === "envelope-authentication");
    if (isExpected) return `The recording's key cannot be had: ${error.message}`;
    throw error;
  }
  const put = await ports.evidence.keys.put(recordingKeyId(order.recording), key);
  key.fill(0);
  if (put.kind === "stored" || put.kind === "present") return null;
  return put.kind === "destroyed"
    ? "The recording's key was destroyed; it has no second life."
    : "Another key is kept for this recording. Run sworn fsck.";
}

/** An upload row whose offset is its length, for what needs no sending. */
async function completeUpload(ports: IngestPorts, caller: UploadCaller, row: RecordingRow): Promise<string> {
  const { database, clock } = ports.evidence;
  return withForce(database, { forceId: caller.forceId, personId: caller.personId }, async (tx) => {
    const known = await findUploadOf(tx, row.id, ["collected"]);
    if (known !== undefined && known.camera_id === row.camera_id) return known.id;
    const id = randomUUID();
    const lengthBytes = Math.max(1, row.stored_bytes ?? 1);
    const at = new Date(clock.nowMs());
    await insertUpload(tx, {
      id,
      force_id: caller.forceId,
      kind: caller.session === null ? "import" : "camera",
      camera_id: row.camera_id,
      recording_id: row.id,
      number: row.number,
      session_id: caller.session?.id ?? null,
      imported_by: caller.personId,
      length_bytes: lengthBytes,
      offset_bytes: lengthBytes,
      object_key: row.object_key ?? "",
      stated: null,
      state: "collected",
      problem: null,
      created_at: at,
      touched_at: at,
    });
    return id;
  });
}

type NewUpload = Omit<Parameters<typeof insertUpload>[1], "state" | "problem" | "created_at" | "touched_at">;

/** One open upload for each recording: whoever comes second gets the first one's. */
export async function openUpload(
  ports: IngestPorts,
  actor: { readonly forceId: ForceId; readonly personId: PersonId | null },
  recording: RecordingId,
  describe: (id: string) => NewUpload,
): Promise<Created> {
  const { database, clock } = ports.evidence;
  const at = new Date(clock.nowMs());
  const open = (tx: ForceTransaction): Promise<UploadRow | undefined> =>
    findUploadOf(tx, recording, ["open", "verifying"]);
  const { length_bytes: lengthBytes } = describe("");
  for (let attempt = 0; ; attempt++) {
    const known = await withForce(database, actor, open);
    if (known !== undefined && (await takeOver(ports, actor, known, lengthBytes)))
      return { outcome: "created", upload: known.id };
    const id = randomUUID();
    try {
      await withForce(database, actor, (tx) =>
        insertUpload(tx, { ...describe(id), state: "open", problem: null, created_at: at, touched_at: at }),
      );
      return { outcome: "created", upload: id };
    } catch (error) {
      if (!isUniqueViolation(error, "upload_recording") || attempt === 3) throw error;
    }
  }
}

/**
 * A dock's upload that a person goes on with is theirs from now on, and untrusted: the camera was lost on the way. It is as
 * long as what the person has, or as what came before. False: it was ended meanwhile. A dock's own finds it as it is.
 */
async function takeOver(
  ports: IngestPorts,
  { forceId, personId }: { readonly forceId: ForceId; readonly personId: PersonId | null },
  upload: UploadRow,
  lengthBytes: number,
): Promise<boolean> {
  const isTheirs = upload.kind === "import" && upload.length_bytes === lengthBytes;
  if (personId === null || isTheirs || upload.state !== "open") return true;
  return withForce(ports.evidence.database, { forceId, personId }, (tx) =>
    takeUploadOver(tx, upload.id, { person: personId, lengthBytes }),
  );
}
