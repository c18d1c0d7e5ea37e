// Reads a recording's poster in the clear. Its key is wrapped by the recording's, so it goes when that goes.
import type { ForceId, PersonId, RecordingId } from "@sworn/contract";
import { encodeCbor, parseId } from "@sworn/custody";
import { decryptFloe, unwrapUnder, VaultError } from "@sworn/vault";
import { recordingKeyId } from "../evidence/index.ts";
import { withForce } from "../platform/database/database.ts";
import { playability, type NotPlayable } from "./open-recordings.ts";
import { PlaybackFault } from "./playback-fault.ts";
import type { PlaybackPorts } from "./ports.ts";
import {
  findPlayable,
  findPoster,
  notePosterView,
  type PlayableRow,
  type StoredDerivative,
} from "./store.ts";

export type PosterOutcome =
  { readonly kind: "poster"; readonly jpeg: Buffer } | { readonly kind: "none" } | NotPlayable;

const largestPosterBytes = 4 * 1024 * 1024;
const hourMs = 3_600_000;

/** Ties a derivative's ciphertext to its recording and to its row. */
export function derivativeAssociatedData(forceId: ForceId, recordingId: RecordingId, id: string): Uint8Array {
  return encodeCbor(["sworn/derivative/v1", parseId(forceId), parseId(recordingId), parseId(id)]);
}

/** For a person outside a play: a view of its own kind, logged once for each recording and hour. */
export async function viewPoster(
  ports: Pick<PlaybackPorts, "database" | "clock" | "ledger" | "ring" | "store">,
  viewer: { readonly forceId: ForceId; readonly personId: PersonId },
  recordingId: RecordingId,
): Promise<PosterOutcome> {
  const { forceId, personId } = viewer;
  const hour = Math.floor(ports.clock.nowMs() / hourMs);
  const found = await withForce(ports.database, viewer, async (tx) => {
    const row = await findPlayable(tx, recordingId);
    const verdict = playability(row);
    if (verdict.kind !== "playable" || row === undefined) return verdict as NotPlayable;
    const poster = await findPoster(tx, recordingId);
    if (poster === undefined) return { kind: "none" as const };
    if (await notePosterView(tx, { forceId, personId, recordingId, hour })) {
      await ports.ledger.stage(tx, {
        event: "poster-viewed",
        actor: { person: parseId(personId) },
        recording: parseId(recordingId),
        ...(row.camera_id === null ? {} : { camera: parseId(row.camera_id) }),
        data: { derivative: poster.id },
      });
    }
    return { kind: "found" as const, poster };
  });
  return found.kind === "found" ? decryptPoster(ports, found.poster) : found;
}

/** Within a play, whose entry covers it. */
export async function readPoster(
  ports: Pick<PlaybackPorts, "database" | "ring" | "store">,
  row: PlayableRow,
): Promise<PosterOutcome> {
  const poster = await withForce(ports.database, { forceId: row.force_id, personId: null }, (tx) =>
    findPoster(tx, row.id),
  );
  return poster === undefined ? { kind: "none" } : decryptPoster(ports, poster);
}

async function decryptPoster(
  ports: Pick<PlaybackPorts, "ring" | "store">,
  poster: StoredDerivative,
): Promise<PosterOutcome> {
  const recordingId = poster.recording_id;
  const key = await ports.ring.get(recordingKeyId(recordingId));
  if (key.kind === "destroyed") return { kind: "destroyed", recordingId };
  if (key.kind === "unknown")
    throw new PlaybackFault("media-missing", "The key ring has no key for the recording.");
  const found = await ports.store.openObject(poster.object_key);
  if (found.kind === "absent" || found.object.sizeBytes > largestPosterBytes) return { kind: "none" };
  try {
    const ciphertext = await found.object.read(0, found.object.sizeBytes);
    const associatedData = derivativeAssociatedData(poster.force_id, recordingId, poster.id);
    const jpeg = decryptFloe({ key: unwrapUnder(key.key, poster.wrapped_key), associatedData, ciphertext });
    return { kind: "poster", jpeg };
  } catch (cause) {
    if (!(cause instanceof VaultError)) throw cause;
    throw new PlaybackFault("media-altered", "The poster does not verify.", { cause, object: "poster" });
  } finally {
    key.key.fill(0);
  }
}
