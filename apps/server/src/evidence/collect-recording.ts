// Collects a recording whose bytes and key are durable: manifest, then row and ledger entry in one transaction.
//   1. read the row; sign the manifest; store it as an object, durably (invariant 9)
//   2. one transaction: lock the row, check that it is as it was read, stage `recording-collected`, change the row
//   3. the receipt follows, see issue-receipt.ts: a crash between is made up for at the next start
import type { CameraId, ForceId, PersonId, RecordingId } from "@sworn/contract";
import {
  type Manifest,
  type ReceiptVerdict,
  type TimedPart,
  masterIdentity,
  parseId,
  partToRow,
  sha256,
  signManifest,
  totalBytes,
} from "@sworn/custody";
import { resolveMissing } from "../findings/index.ts";
import { withForce, type ForceTransaction } from "../platform/database/database.ts";
import { EvidenceFault } from "./evidence-fault.ts";
import { encodeParts } from "./parts-blob.ts";
import type { EvidencePorts } from "./ports.ts";
import { manifestObjectKey } from "./recording-keys.ts";
import {
  findRecording,
  insertRecording,
  lockRecording,
  updateRecording,
  type RecordingRow,
} from "./store.ts";

/** A file from elsewhere has no row before it is collected. */
export interface ImportedFields {
  readonly fileName: string;
  readonly officerId: PersonId | null;
  readonly boroughId: RecordingRow["borough_id"];
  readonly incident: string | null;
  readonly startedAt: Date;
  readonly durationMs: number | null;
  /** Where it was filmed, as stated; it stands in the ledger entry. */
  readonly place: string | null;
}

export interface CollectOrder {
  readonly forceId: ForceId;
  readonly recording: RecordingId;
  readonly verdict: ReceiptVerdict;
  readonly objectKey: string;
  /** As the journal promised them, or as the server made them of a file. */
  readonly parts: readonly TimedPart[];
  readonly actor: { readonly person?: PersonId; readonly device?: string };
  readonly imported?: ImportedFields;
  /** What else belongs to the act, in its transaction. */
  readonly settle: (tx: ForceTransaction) => Promise<void>;
}

/** `superseded`: it was collected before, or destroyed: nothing changed and `settle` was not called. */
export type Collected = { readonly outcome: "collected" } | { readonly outcome: "superseded" };

type Subject = Pick<
  RecordingRow,
  | "camera_id"
  | "number"
  | "format"
  | "recorded_start_at"
  | "recorded_end_at"
  | "clock"
  | "seal_hash"
  | "state"
>;

export async function collectRecording(ports: EvidencePorts, order: CollectOrder): Promise<Collected> {
  const { database, store, authorities, clock } = ports;
  const actor = { forceId: order.forceId, personId: order.actor.person ?? null };
  const identity = await masterIdentity(order.parts);
  for (let attempt = 0; attempt < 5; attempt++) {
    const before = await withForce(database, actor, (tx) => subjectOf(tx, order));
    if (before === undefined)
      throw new EvidenceFault("recording-incomplete", "There is no such recording to collect.");
    if (before.state !== "expected") return { outcome: "superseded" };
    const receivedAtMs = clock.nowMs();
    const manifest: Manifest = {
      force: parseId(order.forceId),
      camera: before.camera_id === null ? null : parseId(before.camera_id),
      recording: parseId(order.recording),
      number: before.number,
      identity,
      format: before.format,
      verdict: order.verdict,
      receivedAtMs,
      parts: order.parts.map(partToRow),
      recordedStartMs: before.recorded_start_at?.getTime() ?? null,
      recordedEndMs: before.recorded_end_at?.getTime() ?? null,
      clock: before.clock === "decided" || before.clock === null ? "unbounded" : before.clock,
      seal: before.seal_hash,
      object: order.objectKey,
    };
    const { service } = await authorities.of(manifest.force);
    const signed = await signManifest(manifest, service.signer);
    const manifestHash = await sha256(signed);
    await store.putObject(manifestObjectKey(order.forceId, order.recording, manifestHash), signed);
    const outcome = await withForce(database, actor, (tx) =>
      commit(tx, ports, order, { before, manifest, signed, manifestHash }),
    );
    if (outcome !== "changed") return { outcome };
  }
  throw new EvidenceFault(
    "recording-incomplete",
    "The recording's journal keeps changing; it is collected later.",
  );
}

async function subjectOf(tx: ForceTransaction, order: CollectOrder): Promise<Subject | undefined> {
  const row = await findRecording(tx, order.recording);
  if (row !== undefined || order.imported === undefined) return row;
  const { startedAt, durationMs } = order.imported;
  return {
    camera_id: null,
    number: null,
    format: "file",
    recorded_start_at: startedAt,
    recorded_end_at: new Date(startedAt.getTime() + (durationMs ?? 0)),
    clock: "stated",
    seal_hash: null,
    state: "expected",
  };
}

interface Prepared {
  readonly before: Subject;
  readonly manifest: Manifest;
  readonly signed: Uint8Array;
  readonly manifestHash: Uint8Array;
}

async function commit(
  tx: ForceTransaction,
  ports: EvidencePorts,
  order: CollectOrder,
  { before, manifest, signed, manifestHash }: Prepared,
): Promise<"collected" | "superseded" | "changed"> {
  const receivedAt = new Date(manifest.receivedAtMs);
  if (order.imported !== undefined && (await lockRecording(tx, order.recording)) === undefined) {
    await insertRecording(tx, importedRow(order, order.imported, before, receivedAt));
  }
  const row = await lockRecording(tx, order.recording);
  if (row === undefined || row.state !== "expected") return "superseded";
  if (!isSame(row, before)) return "changed";
  const staged = await ports.ledger.stage(tx, {
    event: "recording-collected",
    actor: actorOf(order),
    recording: manifest.recording,
    ...(manifest.camera === null ? {} : { camera: manifest.camera }),
    atMs: manifest.receivedAtMs,
    data: {
      identity: manifest.identity,
      number: manifest.number,
      parts: manifest.parts.length,
      manifest: manifestHash,
      seal: manifest.seal,
      verdict: manifest.verdict,
      ...(order.imported === undefined
        ? {}
        : { fileName: order.imported.fileName, place: order.imported.place }),
    },
  });
  await updateRecording(tx, order.recording, {
    state: "collected",
    verdict: order.verdict,
    identity: manifest.identity,
    part_count: order.parts.length,
    length_bytes: totalBytes(order.parts).lengthBytes,
    stored_bytes: totalBytes(order.parts).storedBytes,
    parts: encodeParts(order.parts),
    object_key: order.objectKey,
    manifest: signed,
    received_at: receivedAt,
    collected_entry_id: staged.id,
  });
  await resolveMissing(ports, tx, order.recording, `It was collected as ${order.verdict}.`);
  await order.settle(tx);
  await ports.onCollected?.(tx, order.forceId, order.recording);
  return "collected";
}

function importedRow(order: CollectOrder, imported: ImportedFields, before: Subject, createdAt: Date) {
  return {
    id: order.recording,
    force_id: order.forceId,
    camera_id: null as CameraId | null,
    state: "expected" as const,
    format: before.format,
    recorded_start_at: before.recorded_start_at,
    recorded_end_at: before.recorded_end_at,
    clock: before.clock,
    duration_ms: imported.durationMs,
    officer_id: imported.officerId,
    borough_id: imported.boroughId,
    incident: imported.incident,
    file_name: imported.fileName,
    created_at: createdAt,
  } as RecordingRow;
}

function actorOf({ actor }: CollectOrder): { person?: Uint8Array; device?: Uint8Array; system?: string } {
  if (actor.person !== undefined) return { person: parseId(actor.person) };
  return actor.device === undefined ? { system: "ingest" } : { device: parseId(actor.device) };
}

function isSame(row: Subject, before: Subject): boolean {
  return (
    row.recorded_start_at?.getTime() === before.recorded_start_at?.getTime() &&
    row.recorded_end_at?.getTime() === before.recorded_end_at?.getTime() &&
    row.clock === before.clock &&
    Buffer.compare(row.seal_hash ?? Buffer.alloc(0), before.seal_hash ?? Buffer.alloc(0)) === 0
  );
}
