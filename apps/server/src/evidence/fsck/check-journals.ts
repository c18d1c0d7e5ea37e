// Level 4: each camera's stored journal is one signed chain up to the accepted head, and says of each recording what its
// row says.
import {
  ChainVerifier,
  collectRecording,
  decodeSegment,
  describeChainProblem,
  entryHash,
  equalBytes,
  parseCertificate,
  parseId,
  sha256,
  CustodyError,
  type JournalRecord,
} from "@sworn/custody";
import { journalSegmentKey, readJournal, DockingFault } from "../../docking/index.ts";
import { encodeParts } from "../parts-blob.ts";
import type { RecordingRow } from "../store.ts";
import { listCameras, pageOfSegments, type CheckedCamera } from "../fsck-store.ts";
import { eachRecording, read, type ForceCheck } from "./ports.ts";

export async function checkJournals(check: ForceCheck): Promise<void> {
  for (const camera of await read(check, listCameras)) {
    await checkChain(check, camera);
    check.looked();
  }
  for await (const row of eachRecording(check)) {
    if (row.state === "collected" && row.camera_id !== null) await compareWithJournal(check, row);
    check.looked();
  }
}

async function checkChain(check: ForceCheck, camera: CheckedCamera): Promise<void> {
  const certificate = await parseCertificate(camera.certificate);
  const chain = new ChainVerifier(null, {
    camera: certificate.subjectId,
    publicKey: (hash) => (equalBytes(hash, certificate.hash) ? certificate.publicKey : null),
  });
  const tell = (subject: string, detail: string): void => {
    check.tell({
      kind: "journal-altered",
      level: check.level,
      forceId: check.forceId,
      camera: camera.id,
      subject,
      detail,
    });
  };
  let after = -1;
  let headHash: Uint8Array | null = null;
  for (;;) {
    const place = { camera: camera.id, first: after };
    const page = (await read(check, (tx) => pageOfSegments(tx, place))).filter(
      (row) => row.camera_id === camera.id,
    );
    if (page.length === 0) break;
    for (const row of page) {
      after = row.first_sequence;
      const key = journalSegmentKey(check.forceId, camera.id, row.first_sequence, row.hash);
      const records = await readSegment(check, key, row.hash);
      if (typeof records === "string") {
        tell(
          key,
          `The journal from entry ${String(row.first_sequence)} to ${String(row.last_sequence)} ${records}.`,
        );
        return;
      }
      for (const { entry } of records) {
        const step = await chain.next(entry);
        if (step.kind === "problem") {
          tell(key, `After entry ${String(row.first_sequence)}: ${describeChainProblem(step.problem)}`);
          return;
        }
        headHash = step.hash;
      }
    }
  }
  const isHead =
    camera.head_hash === null
      ? headHash === null
      : headHash !== null && equalBytes(headHash, camera.head_hash);
  if (!isHead) tell(camera.id, "The stored journal does not end at the head that was acknowledged.");
}

/** The records, or what is wrong. */
async function readSegment(
  check: ForceCheck,
  key: string,
  hash: Uint8Array,
): Promise<readonly JournalRecord[] | string> {
  const bytes = await check.ports.segments.get(key).catch(() => null);
  if (bytes === null) return "is missing or unreadable";
  if (!equalBytes(await sha256(bytes), hash)) return "is not what was received";
  try {
    return decodeSegment(bytes);
  } catch (error) {
    if (error instanceof CustodyError) return `cannot be read: ${error.message}`;
    throw error;
  }
}

async function compareWithJournal(check: ForceCheck, row: RecordingRow): Promise<void> {
  const { camera_id: camera, first_sequence: from, last_sequence: to } = row;
  if (camera === null || from === null || to === null) return;
  const tell = (detail: string): void => {
    check.tell({
      kind: "journal-differs",
      level: check.level,
      forceId: check.forceId,
      recording: row.id,
      camera,
      subject: row.id,
      detail,
    });
  };
  let records;
  try {
    records = await readJournal(check.ports, { forceId: check.forceId, camera }, { from, to });
  } catch (error) {
    // The chain's check has named the segment.
    if (error instanceof DockingFault || error instanceof CustodyError) return;
    throw error;
  }
  const collected = await collectRecording(
    records.map(({ entry }) => entry),
    parseId(row.id),
  );
  if (collected.kind === "absent") {
    tell("The journal does not name the recording.");
    return;
  }
  const last = records.at(-1);
  const sealHash = last === undefined ? null : await entryHash(last.record.entry);
  const isSame = row.parts !== null && equalBytes(encodeParts(collected.recording.parts), row.parts);
  if (!isSame) tell("The row's parts are not those that the journal names.");
  if (row.seal_hash !== null && (sealHash === null || !equalBytes(sealHash, row.seal_hash))) {
    tell("The row's seal is not the journal's.");
  }
}
