// Hands in what is on a camera that is no longer trusted, from its folder, which is only read: the journal, then each
// recording whose ciphertext the server has not got. Done again, it goes on, or sends nothing.
import { createReadStream } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { readCameraFolder, type FoundCamera, type FoundRecording } from "@sworn/camera";
import { ApiProblem, type StaffClient } from "@sworn/client";
import {
  toBase64url,
  type CameraId,
  type HandIn,
  type HandedInRecording,
  type JournalFinding,
} from "@sworn/contract";
import { formatId } from "@sworn/custody";

const POLL_MS = 250;
const WAIT_MS = 600_000;

export interface HandedIn {
  readonly handIn: HandIn;
  readonly acceptedEntries: number;
  readonly refusedEntries: number;
  readonly findings: readonly JournalFinding[];
  /** What on the folder could not be read. */
  readonly damage: readonly string[];
  readonly recordings: readonly RecordingOutcome[];
}

export interface RecordingOutcome {
  readonly recording: string;
  readonly number: number;
  /** `missing`: promised, and not in the folder. `unknown`: in the folder, and no journal names it. */
  readonly state: "collected" | "quarantined" | "refused" | "missing" | "unknown" | "failed" | "destroyed";
  readonly problem: string | null;
  /** Behind its last whole part: what a cut left, which no entry attests. It stays in the folder. */
  readonly bytesLeft?: number;
}

export async function handInCamera(
  staff: StaffClient,
  order: {
    readonly folder: string;
    readonly reason: string;
    readonly onProgress?: (number: number, sentBytes: number, totalBytes: number) => void;
  },
): Promise<HandedIn> {
  const found = await readCameraFolder(order.folder);
  const camera = formatId(found.cameraId) as CameraId;
  const head = { sequence: found.head.sequence, hash: toBase64url(found.head.hash) };
  let handIn = await staff.openHandIn(camera, { reason: order.reason, head });
  const findings: JournalFinding[] = [];
  let [acceptedEntries, refusedEntries] = [0, 0];
  for await (const segment of found.segments()) {
    const answer = await staff.handInJournal(handIn.id, segment.fromSequence, segment.bytes);
    acceptedEntries += answer.accepted;
    refusedEntries += answer.refused;
    findings.push(...answer.findings);
    ({ handIn } = answer);
  }
  const recordings = await sendAll(staff, { found, camera, expected: handIn.recordings, ...order });
  handIn = await staff.getHandIn(handIn.id);
  return { handIn, acceptedEntries, refusedEntries, findings, damage: found.damage, recordings };
}

interface Sending {
  readonly found: FoundCamera;
  readonly camera: CameraId;
  readonly expected: readonly HandedInRecording[];
  readonly onProgress?: (number: number, sentBytes: number, totalBytes: number) => void;
}

async function sendAll(staff: StaffClient, sending: Sending): Promise<RecordingOutcome[]> {
  const { found, expected } = sending;
  const outcomes: RecordingOutcome[] = [];
  const inFolder = new Map(found.recordings.map((one) => [one.id, one]));
  for (const { recording, number, state, storedBytes, isQuarantined } of expected) {
    const here = inFolder.get(recording);
    inFolder.delete(recording);
    const tell = (became: RecordingOutcome["state"], problem: string | null = null): void =>
      void outcomes.push({ recording, number, state: became, problem });
    if (state === "collected") tell("collected");
    else if (state !== "expected") tell("destroyed");
    else if (isQuarantined) tell("quarantined", "It waits for a decision: sworn quarantine list");
    else if (here === undefined || here.envelope === null)
      tell("missing", here === undefined ? "It is not in the folder." : "Its key envelope is not there.");
    else if (storedBytes === null) tell("refused", "Its journal does not say what it consists of.");
    else {
      const sent = await sendOne(staff, sending, { here, storedBytes, envelope: here.envelope });
      const bytesLeft = Math.max(0, here.mediaBytes - storedBytes);
      outcomes.push(bytesLeft === 0 ? sent : { ...sent, bytesLeft });
    }
  }
  for (const { id, number } of inFolder.values())
    outcomes.push({ recording: id, number, state: "unknown", problem: "No journal that is here names it." });
  return outcomes;
}

async function sendOne(
  staff: StaffClient,
  { camera, onProgress }: Sending,
  given: { readonly here: FoundRecording; readonly storedBytes: number; readonly envelope: Uint8Array },
): Promise<RecordingOutcome> {
  const { here, envelope } = given;
  const about = { recording: here.id, number: here.number };
  // Behind what is journaled may lie what a power cut left; before it nothing may lack.
  const lengthBytes = Math.min(here.mediaBytes, given.storedBytes);
  if (lengthBytes === 0) return { ...about, state: "missing", problem: "Its media is not in the folder." };
  try {
    const upload = await staff.importFilm({
      kind: "untrusted-camera",
      stated: {
        ...{ camera, recording: here.id, number: here.number.toString() },
        envelope: toBase64url(envelope),
      },
      lengthBytes,
      read: (offset, length) => createReadStream(here.mediaPath, { start: offset, end: offset + length - 1 }),
      // fetch holds a request's body in memory.
      requestBytes: 16 * 1024 * 1024,
      onProgress: (sentBytes) => onProgress?.(here.number, sentBytes, lengthBytes),
    });
    for (let waitedMs = 0; waitedMs < WAIT_MS; waitedMs += POLL_MS) {
      const { state, problem } = await staff.importStatus(upload);
      if (state !== "open" && state !== "verifying") return { ...about, state, problem };
      await wait(POLL_MS);
    }
    return { ...about, state: "failed", problem: "The server still works on it. Ask again later." };
  } catch (error) {
    if (!(error instanceof ApiProblem)) throw error;
    return { ...about, state: "refused", problem: error.message };
  }
}
