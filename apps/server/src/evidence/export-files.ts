// The files of an export but the master itself (evidence format §11): everything that a stranger needs to check it.
import { toBase64url, type CameraId, type ExportFiles, type ForceId } from "@sworn/contract";
import { concatBytes, encodeOpening, encodeOpenings, encodePem, encodeRecord, parseId } from "@sworn/custody";
import { withForce } from "../platform/database/database.ts";
import { EvidenceFault } from "./evidence-fault.ts";
import { exportReadme } from "./export-readme.ts";
import { issueReceipt } from "./issue-receipt.ts";
import type { EvidencePorts, OpenRecordingOpenings, ReadJournalRecords } from "./ports.ts";
import { recordingKeyId } from "./recording-keys.ts";
import { readCameraCertificate, readForceName, type ExportRow, type RecordingRow } from "./store.ts";

export interface ExportSources {
  readonly readJournal: ReadJournalRecords;
  readonly openOpenings: OpenRecordingOpenings;
  /** The force's current revocation list, DER. */
  readonly revocations: (forceId: ForceId) => Promise<Uint8Array>;
}

/** The name of the master's file. */
export function masterName(row: RecordingRow): string {
  const extension =
    row.format === "cmaf" ? "mp4" : (/\.([a-z0-9]{1,8})$/i.exec(row.file_name ?? "")?.[1] ?? "mp4");
  return `recording.${extension.toLowerCase()}`;
}

export async function exportFiles(
  ports: EvidencePorts,
  sources: ExportSources,
  row: RecordingRow,
  order: ExportRow,
): Promise<ExportFiles> {
  const { force_id: forceId, manifest } = row;
  if (manifest === null || row.collected_entry_id === null) {
    throw new EvidenceFault("recording-incomplete", "Only a collected recording can be exported.");
  }
  const receipt = await issueReceipt(ports, forceId, row.id);
  const collected = await ports.ledger.covered(forceId, { id: row.collected_entry_id });
  const authority = await ports.authorities.of(parseId(forceId));
  const read = await withForce(ports.database, { forceId, personId: order.person_id }, async (tx) => ({
    forceName: await readForceName(tx, forceId),
    camera: row.camera_id === null ? undefined : await readCameraCertificate(tx, row.camera_id),
  }));
  const journal = row.camera_id === null ? null : await journalExtract(sources, row, row.camera_id);
  const openings = order.details === "recording" ? await openingsOf(ports, sources, row) : null;
  const pem = (der: Uint8Array): Uint8Array => new TextEncoder().encode(encodePem("CERTIFICATE", der));
  const files: [path: string, content: Uint8Array | null][] = [
    [
      "README.txt",
      new TextEncoder().encode(
        exportReadme({
          ...{ row, order, forceName: read.forceName, master: masterName(row) },
          ...{ anchorHash: authority.anchor.hash, hasOpenings: openings !== null },
        }),
      ),
    ],
    ["journal.cbor", journal],
    ["openings.cbor", openings],
    ["manifest.cose", manifest],
    ["receipt.cose", receipt],
    ["collected.cbor", encodeOpening(collected.opening)],
    ["certificates/anchor.pem", pem(authority.anchor.der)],
    ["certificates/camera.pem", read.camera === undefined ? null : pem(read.camera)],
    ["certificates/service.pem", pem(authority.service.certificate.der)],
    ["certificates/ledger.pem", pem(authority.ledger.certificate.der)],
    ["certificates/revoked.crl", await sources.revocations(forceId)],
  ];
  return {
    folder: row.id,
    files: files.flatMap(([path, content]) =>
      content === null ? [] : [{ path, content: toBase64url(content) }],
    ),
  };
}

/** Contiguous from `recording-started` to `recording-sealed` (where a handed-in one was never sealed: its last part); openings are left out: they are for whom they concern. */
async function journalExtract(
  { readJournal }: ExportSources,
  row: RecordingRow,
  camera: CameraId,
): Promise<Uint8Array | null> {
  if (row.first_sequence === null || row.last_sequence === null) return null;
  const range = { from: row.first_sequence, to: row.last_sequence };
  const place = { forceId: row.force_id, camera, handIn: row.hand_in_id };
  const records = await readJournal(place, range);
  return concatBytes(records.map(({ record }) => encodeRecord({ entry: record.entry, opening: null })));
}

/** Null: nothing personal stands in the recording's entries, or nothing of it opens any more. */
async function openingsOf(
  ports: EvidencePorts,
  { openOpenings }: ExportSources,
  row: RecordingRow,
): Promise<Uint8Array | null> {
  const { camera_id: camera, first_sequence: from, last_sequence: to } = row;
  if (camera === null || from === null || to === null) return null;
  const found = await ports.keys.get(recordingKeyId(row.id));
  if (found.kind !== "key") return null;
  const recording = { id: parseId(row.id), key: found.key, from, to };
  const openings = await openOpenings({ forceId: row.force_id, camera, handIn: row.hand_in_id }, recording);
  return openings.length === 0 ? null : encodeOpenings(openings);
}
