// Makes a recording's poster: one decoded picture, encrypted under a key of its own that the recording's key wraps, so
// that it dies with its master. A recording without a poster is whole; the job runner tries a few times and lets be.
import { createHash, randomBytes, randomUUID } from "node:crypto";
import { isId, type CameraId, type ForceId, type HandInId, type RecordingId } from "@sworn/contract";
import { parseId, type JournalEntry } from "@sworn/custody";
import { readFragment, readInit } from "@sworn/media";
import { encryptFloe, wrapUnder } from "@sworn/vault";
import { lockRecording, recordingKeyId } from "../../evidence/index.ts";
import { enqueue, type Task } from "../../jobs/index.ts";
import { withForce, type ForceTransaction } from "../../platform/database/database.ts";
import type { Lease, OpenRecordings } from "../open-recordings.ts";
import { PlaybackFault } from "../playback-fault.ts";
import type { PlaybackPorts } from "../ports.ts";
import { derivativeAssociatedData } from "../read-poster.ts";
import { findPoster, insertDerivative, type PlayableRow } from "../store.ts";
import { chooseDecoder, type DecoderName } from "./choose-decoder.ts";
import { decodePicture } from "./decode-picture.ts";

const taskName = "make-poster";
const mostAttempts = 5;
/** Above any init segment and fragment of about 2 s. */
const mostPartBytes = 48 * 1024 * 1024;
/** Footage without fragments is decoded whole or not at all. */
const mostFileBytes = 64 * 1024 * 1024;
const mostFragmentsTried = 8;

/** Queues the poster in the transaction that collects the recording. */
export async function enqueuePoster(tx: ForceTransaction, recordingId: RecordingId): Promise<void> {
  // The derivative's id is chosen here, so that a job that is run again meets what it left behind.
  const payload = { recordingId, derivativeId: randomUUID() };
  await enqueue(tx, taskName, payload, { key: `poster:${recordingId}`, maximumAttempts: mostAttempts });
}

/** Entries of a camera's accepted journal, sequences `from` to `to`, both included. */
export type ReadEntries = (
  place: { readonly forceId: ForceId; readonly camera: CameraId; readonly handIn: HandInId | null },
  range: { readonly from: number; readonly to: number },
) => Promise<readonly { readonly entry: JournalEntry }[]>;

export interface PosterOptions {
  /** The configuration's choice; node-av, then ffmpeg, unless given. */
  readonly decoder?: DecoderName;
  readonly ffmpegPath?: string;
  /** Tells where the pre-record ends; without it the picture is taken at the beginning. */
  readonly readEntries?: ReadEntries;
}

interface Order {
  readonly forceId: ForceId;
  readonly recordingId: RecordingId;
  readonly derivativeId: string;
}

function readOrder(payload: unknown, forceId: ForceId | null): Order {
  const { recordingId, derivativeId } = (payload ?? {}) as Record<string, unknown>;
  const isNamed = typeof recordingId === "string" && isId(recordingId);
  if (forceId === null || !isNamed || typeof derivativeId !== "string" || !isId(derivativeId))
    throw new PlaybackFault("bad-payload", "The job to make a poster does not say of what.");
  return { forceId, recordingId: recordingId as RecordingId, derivativeId };
}

/** The length of the pre-record, as the journal tells it. */
async function prerecordMsOf(row: PlayableRow, readEntries: ReadEntries | undefined): Promise<number> {
  const { force_id: forceId, camera_id: camera, first_sequence: from, hand_in_id: handIn } = row;
  if (readEntries === undefined || camera === null || from === null) return 0;
  const [first] = await readEntries({ forceId, camera, handIn }, { from, to: from });
  return first?.entry.kind === "recording-started" ? first.entry.body.prerecordMs : 0;
}

export function makePosterTask(ports: PlaybackPorts, open: OpenRecordings, options: PosterOptions): Task {
  return {
    name: taskName,
    run: async (payload, { forceId, signal }) => {
      const order = readOrder(payload, forceId);
      const actor = { forceId: order.forceId, personId: null };
      if (await withForce(ports.database, actor, (tx) => findPoster(tx, order.recordingId))) return;
      const lease = await open.use(order.forceId, order.recordingId);
      if (lease.kind !== "open") {
        await ports.store.delete(objectKeyOf(order));
        return;
      }
      try {
        const film = await filmOf(lease, await prerecordMsOf(lease.row, options.readEntries));
        if (film === null) return;
        await keepPoster(ports, order, await decodePicture(await chooseDecoder(options), film, signal));
      } finally {
        lease.release();
      }
    },
  };
}

function objectKeyOf({ forceId, recordingId, derivativeId }: Order): string {
  return `${forceId}/recordings/${recordingId}/derivatives/${derivativeId}`;
}

/** What to decode: init segment and one fragment that a decoder can start with. Null where it would be too much. */
async function filmOf({ row, media }: Lease, afterMs: number): Promise<Buffer[] | null> {
  const { parts, lengthBytes } = media.map;
  if (row.format === "file")
    return lengthBytes > mostFileBytes ? null : [await media.readAll(0, lengthBytes)];
  const initBytes = parts[0]?.lengthBytes ?? 0;
  if (initBytes > mostPartBytes || parts.length < 2) return null;
  const initSegment = await media.readAll(0, initBytes);
  const init = readInit(initSegment);
  const wanted = parts.findIndex((part, index) => index > 0 && part.startMs >= afterMs);
  const first = wanted === -1 ? parts.length - 1 : wanted;
  let offsetBytes = parts.slice(0, first).reduce((sum, part) => sum + part.lengthBytes, 0);
  for (const part of parts.slice(first, first + mostFragmentsTried)) {
    if (part.lengthBytes > mostPartBytes) return null;
    const fragment = await media.readAll(offsetBytes, offsetBytes + part.lengthBytes);
    offsetBytes += part.lengthBytes;
    const { hasVideo, startsWithKeyframe } = readFragment(fragment, init);
    if (hasVideo && startsWithKeyframe) return [initSegment, fragment];
  }
  throw new PlaybackFault("no-picture", "No fragment begins with a key frame.");
}

async function keepPoster(ports: PlaybackPorts, order: Order, jpeg: Buffer): Promise<void> {
  const { forceId, recordingId, derivativeId } = order;
  const master = await ports.ring.get(recordingKeyId(recordingId));
  if (master.kind !== "key") return;
  const key = randomBytes(32);
  const associatedData = derivativeAssociatedData(forceId, recordingId, derivativeId);
  const stored = encryptFloe({ key, associatedData, plaintext: jpeg });
  const wrappedKey = wrapUnder(master.key, key);
  master.key.fill(0);
  key.fill(0);
  const objectKey = objectKeyOf(order);
  // An earlier run may have left an object whose key went with it.
  await ports.store.delete(objectKey);
  await ports.store.putObject(objectKey, stored);
  const hash = createHash("sha256").update(jpeg).digest();
  const kept = await withForce(ports.database, { forceId, personId: null }, async (tx) => {
    // Destruction takes the same lock: it sees this row, or this sees its order.
    if ((await lockRecording(tx, recordingId))?.state !== "collected") return false;
    if ((await findPoster(tx, recordingId)) !== undefined) return false;
    await insertDerivative(tx, {
      id: derivativeId,
      force_id: forceId,
      recording_id: recordingId,
      kind: "poster",
      media_type: "image/jpeg",
      object_key: objectKey,
      wrapped_key: wrappedKey,
      size_bytes: jpeg.byteLength,
      stored_bytes: stored.byteLength,
      hash,
      created_at: new Date(ports.clock.nowMs()),
    });
    await ports.ledger.stage(tx, {
      event: "poster-made",
      actor: { system: "playback" },
      recording: parseId(recordingId),
      data: { derivative: derivativeId, hash: new Uint8Array(hash) },
    });
    return true;
  });
  if (!kept) await ports.store.delete(objectKey);
}
