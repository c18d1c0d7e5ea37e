// Level 1: what each row names is there, with its length: objects, key, receipt; and of what was destroyed nothing is.
// Looks at names and lengths only.
import { VaultError } from "@sworn/vault";
import { journalSegmentKey } from "../docking/index.ts";
import { manifestObjectKey, receiptObjectKey, recordingKeyId } from "../evidence/index.ts";
import { certificateKeyOf } from "../retention/index.ts";
import { hash } from "./digest.ts";
import type { ForceCheck } from "./ports.ts";
import type { NewProblem } from "./problem.ts";
import { tellFault } from "./read-object.ts";
import {
  eachDerivative,
  eachKeptApart,
  eachOpenUpload,
  eachRecording,
  eachSegment,
  listCameras,
  type OpenUpload,
  type StoredRecording,
} from "./store.ts";
import { keyOf, objectOf, rowOf } from "./subjects.ts";

export async function checkPresence(check: ForceCheck): Promise<void> {
  for await (const row of eachRecording(check.query)) {
    check.looked("recordings");
    if (row.state === "collected" || row.state === "destroy-ordered") await checkStored(check, row);
    if (row.state === "destroyed") await checkDestroyed(check, row);
  }
  for await (const row of eachDerivative(check.query)) {
    check.looked("working copies");
    await expectObject(
      check,
      row.object_key,
      row.stored_bytes,
      `${row.kind} of recording ${row.recording_id}`,
    );
  }
  for await (const row of eachKeptApart(check.query)) {
    check.looked("kept apart");
    await expectObject(
      check,
      row.object_key,
      row.size_bytes,
      `what came for recording ${row.recording_id ?? "?"} and is kept apart`,
    );
  }
  for await (const upload of eachOpenUpload(check.query)) {
    check.looked("uploads");
    await checkUpload(check, upload);
  }
  for (const camera of await check.query(listCameras)) {
    for await (const segment of eachSegment(check.query, camera.id)) {
      check.looked("journal segments");
      const { first_sequence: first, last_sequence: last } = segment;
      const key = journalSegmentKey(check.forceId, camera.id, first, segment.hash);
      const what = `the journal of camera ${camera.name}, entries ${first.toString()} to ${last.toString()}`;
      await expectObject(check, key, segment.size_bytes, what, {
        kind: "segment-missing",
        subject: objectOf(key, { camera: camera.id }),
      });
    }
  }
}

async function checkStored(check: ForceCheck, row: StoredRecording): Promise<void> {
  const { forceId } = check;
  const name = `recording ${row.id}`;
  const wasKeptApart = row.verdict === "altered" || row.verdict === "untrusted";
  // Between the key's end and the objects' end anything may be there or not.
  const isWhole = row.state === "collected";
  if (row.object_key === null || row.manifest === null) {
    const message = `The row of ${name} names no ${row.object_key === null ? "object" : "manifest"}.`;
    check.tell({ kind: "row-altered", subject: rowOf("recording", row.id, { recording: row.id }), message });
  } else {
    if (isWhole)
      await expectObject(
        check,
        row.object_key,
        wasKeptApart ? null : row.stored_bytes,
        `the media of ${name}`,
      );
    const manifestKey = manifestObjectKey(forceId, row.id, hash(row.manifest));
    await expectObject(check, manifestKey, row.manifest.length, `the manifest of ${name}`, {
      kind: "copy-missing",
    });
  }
  if (row.receipt === null) {
    const message = `${name[0]?.toUpperCase() ?? ""}${name.slice(1)} has no receipt yet.`;
    check.tell({
      kind: "receipt-missing",
      subject: { type: "recording", id: row.id, recording: row.id },
      message,
    });
  } else {
    const key = receiptObjectKey(forceId, row.id);
    await expectObject(check, key, row.receipt.length, `the receipt of ${name}`, { kind: "copy-missing" });
  }
  if (check.keys === null || !isWhole) return;
  const id = recordingKeyId(row.id);
  const { keys, tombstones } = await check.keys.locate(id);
  if (tombstones.includes(true)) {
    const message = `The key of ${name} was destroyed, and the row says that the recording is kept.`;
    check.tell({ kind: "key-missing", subject: keyOf(id), message });
  } else if (!keys.includes(true)) {
    check.tell({
      kind: "key-missing",
      subject: keyOf(id),
      message: `The key of ${name} is in neither place.`,
    });
  }
}

async function checkDestroyed(check: ForceCheck, row: StoredRecording): Promise<void> {
  const { id, destruction_certificate: certificate, object_key: objectKey } = row;
  if (certificate === null) {
    const message = `Recording ${id} is destroyed without a certificate.`;
    check.tell({ kind: "row-altered", subject: rowOf("recording", id, { recording: id }), message });
  } else {
    const key = certificateKeyOf(check.forceId, id);
    await expectObject(check, key, certificate.length, `the certificate of destruction of recording ${id}`, {
      kind: "copy-missing",
    });
  }
  if (
    objectKey !== null &&
    (await check.ports.store.stat(objectKey).catch(() => ({ kind: "present" }))).kind !== "absent"
  ) {
    const message = `The media of recording ${id}, which was destroyed, is there again: ${objectKey}.`;
    check.tell({ kind: "object-undead", subject: objectOf(objectKey), message });
  }
  if (check.keys === null) return;
  const keyId = recordingKeyId(id);
  const { keys, tombstones } = await check.keys.locate(keyId);
  for (const place of [0, 1] as const) {
    // One tombstone of two, and a key beside a tombstone, are the ring's own findings.
    if (!keys[place] || tombstones.includes(true)) continue;
    const message = `The key of recording ${id}, which was destroyed, is in place ${(place + 1).toString()} of the key ring.`;
    check.tell({ kind: "not-destroyed", subject: keyOf(keyId, place), message });
  }
  if (!keys.includes(true) && !tombstones.includes(true)) {
    const message = `The key of recording ${id}, which was destroyed, has no tombstone: a restored ring could bring it back.`;
    check.tell({ kind: "not-destroyed", subject: keyOf(keyId), message });
  }
}

/** A part on the disk may be longer than the row says: a crash came between the disk and the row. */
async function checkUpload(check: ForceCheck, upload: OpenUpload): Promise<void> {
  const stat = await check.ports.store.stat(upload.object_key).catch((error: unknown) => {
    tellFault(check, objectOf(upload.object_key), error);
    return null;
  });
  if (stat === null) return;
  const stored = stat.kind === "absent" ? [] : stat.parts;
  const short = upload.store_parts.findIndex(
    (sizeBytes, place) => (stored.find(({ number }) => number === place + 1)?.sizeBytes ?? -1) < sizeBytes,
  );
  if (short === -1) return;
  const message = `Of the upload of recording ${upload.recording_id}, store part ${(short + 1).toString()} is missing or cut short.`;
  check.tell({
    kind: "upload-short",
    subject: { type: "upload", id: upload.id, recording: upload.recording_id },
    message,
  });
}

/** `sizeBytes` null: whatever its index says. */
async function expectObject(
  check: ForceCheck,
  key: string,
  sizeBytes: number | null,
  what: string,
  missing: Partial<Pick<NewProblem, "kind" | "subject">> = {},
): Promise<void> {
  const { kind = "object-missing", subject = objectOf(key) } = missing;
  try {
    const stat = await check.ports.store.stat(key);
    if (stat.kind !== "complete") {
      const state = stat.kind === "absent" ? "is not there" : "has no index: it is not complete";
      check.tell({ kind, subject, message: `The object of ${what} ${state}: ${key}.` });
      return;
    }
    for (const finding of await check.ports.store.check(key, "length")) {
      const part = finding.partNumber === undefined ? "" : `store part ${finding.partNumber.toString()}: `;
      check.tell({
        kind: "object-altered",
        subject,
        message: `The object of ${what}, ${part}${finding.detail}.`,
      });
    }
    if (sizeBytes !== null && stat.sizeBytes !== sizeBytes) {
      const message = `The object of ${what} has ${stat.sizeBytes.toString()} bytes, and its row says ${sizeBytes.toString()}.`;
      check.tell({ kind: "object-altered", subject, message });
    }
  } catch (error) {
    if (!(error instanceof VaultError)) throw error;
    tellFault(check, subject, error);
  }
}
