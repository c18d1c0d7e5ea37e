// Level 1: what rows name is there, whole and with its key; what is destroyed is gone.
import { sha256 } from "@sworn/custody";
import { manifestObjectKey, receiptObjectKey, recordingKeyId } from "../recording-keys.ts";
import type { RecordingRow } from "../store.ts";
import { journalSegmentKey } from "../../docking/index.ts";
import { derivativesOf, pageOfSegments, waitingQuarantine } from "../fsck-store.ts";
import { eachRecording, read, type ForceCheck } from "./ports.ts";
import type { FsckProblemKind } from "./problem.ts";

export async function checkPresence(check: ForceCheck): Promise<void> {
  for await (const row of eachRecording(check)) {
    if (row.state === "collected") await checkCollected(check, row);
    if (row.state === "destroyed") await checkDestroyed(check, row);
    check.looked();
  }
  for (const row of await read(check, waitingQuarantine)) {
    await checkObject(check, {
      key: row.object_key,
      sizeBytes: row.size_bytes,
      what: "The quarantined upload",
    });
    check.looked();
  }
  await checkSegmentsThere(check);
}

async function checkCollected(check: ForceCheck, row: RecordingRow): Promise<void> {
  const { forceId } = check;
  await checkObject(check, {
    key: row.object_key ?? "",
    sizeBytes: row.stored_bytes,
    what: "The recording's media",
    row,
  });
  if (row.manifest === null) tell(check, row, "row-damaged", row.id, "The row has no manifest.");
  else {
    const key = manifestObjectKey(forceId, row.id, await sha256(row.manifest));
    await checkObject(check, { key, sizeBytes: row.manifest.length, what: "The recording's manifest", row });
  }
  if (row.receipt === null)
    tell(check, row, "receipt-missing", row.id, "No receipt was given yet. Start the server.");
  else {
    const key = receiptObjectKey(forceId, row.id);
    await checkObject(check, { key, sizeBytes: row.receipt.length, what: "The recording's receipt", row });
  }
  const id = recordingKeyId(row.id);
  const found = await check.ports.keys
    .get(id)
    .catch((error: unknown) => ({ kind: "damaged", error }) as const);
  if (found.kind !== "key")
    tell(check, row, "key-missing", id, `The recording's key is ${found.kind}: it cannot be read.`);
  for (const derivative of await read(check, (tx) => derivativesOf(tx, row.id))) {
    const { object_key: key, stored_bytes: sizeBytes } = derivative;
    await checkObject(check, { key, sizeBytes, what: `The recording's ${derivative.kind}`, row });
  }
}

async function checkDestroyed(check: ForceCheck, row: RecordingRow): Promise<void> {
  const id = recordingKeyId(row.id);
  if (await check.ports.keys.has(id))
    tell(check, row, "key-undead", id, "The recording is destroyed, and its key is there.");
  if (row.object_key !== null && (await check.ports.store.stat(row.object_key)).kind !== "absent") {
    tell(check, row, "object-undead", row.object_key, "The recording is destroyed, and its media is there.");
  }
  if (row.destruction_certificate === null)
    tell(check, row, "row-damaged", row.id, "It is destroyed without a certificate.");
}

interface Wanted {
  readonly key: string;
  readonly sizeBytes: number | null;
  readonly what: string;
  readonly row?: RecordingRow;
}

async function checkObject(check: ForceCheck, { key, sizeBytes, what, row }: Wanted): Promise<void> {
  const { store } = check.ports;
  const stat = await store.stat(key).catch((error: unknown) => ({ kind: "damaged", error }) as const);
  if (stat.kind === "damaged") tell(check, row, "object-altered", key, `${what} has a damaged index.`);
  else if (stat.kind !== "complete") tell(check, row, "object-missing", key, `${what} is ${stat.kind}.`);
  else if (stat.sizeBytes !== sizeBytes) {
    tell(
      check,
      row,
      "object-length",
      key,
      `${what} has ${String(stat.sizeBytes)} bytes, not ${String(sizeBytes)}.`,
    );
  } else {
    for (const finding of await store.check(key, "length")) {
      tell(
        check,
        row,
        finding.kind === "missing" ? "object-missing" : "object-length",
        key,
        `${what}: ${finding.detail}.`,
      );
    }
  }
}

async function checkSegmentsThere(check: ForceCheck): Promise<void> {
  let page = await read(check, (tx) => pageOfSegments(tx, null));
  while (page.length > 0) {
    for (const row of page) {
      const key = journalSegmentKey(check.forceId, row.camera_id, row.first_sequence, row.hash);
      const stat = await check.ports.store.stat(key).catch(() => ({ kind: "damaged" }) as const);
      const isWhole = stat.kind === "complete" && stat.sizeBytes === row.size_bytes;
      if (!isWhole) {
        const detail = `The journal from entry ${String(row.first_sequence)} is ${stat.kind}, or of another length.`;
        check.tell({
          kind: "journal-missing",
          level: check.level,
          forceId: check.forceId,
          camera: row.camera_id,
          subject: key,
          detail,
        });
      }
      check.looked();
    }
    const last = page.at(-1);
    page = last
      ? await read(check, (tx) => pageOfSegments(tx, { camera: last.camera_id, first: last.first_sequence }))
      : [];
  }
}

function tell(
  check: ForceCheck,
  row: RecordingRow | undefined,
  kind: FsckProblemKind,
  subject: string,
  detail: string,
): void {
  const about =
    row === undefined
      ? {}
      : { recording: row.id, ...(row.camera_id === null ? {} : { camera: row.camera_id }) };
  check.tell({ kind, level: check.level, forceId: check.forceId, ...about, subject, detail });
}
