// Starts a play session: one view of one recording by one person, and one entry in the ledger that commits with it.
import { randomUUID } from "node:crypto";
import type { ApiKeyId, ForceId, PersonId, PlayId, RecordingId } from "@sworn/contract";
import { parseId } from "@sworn/custody";
import { withForce } from "../platform/database/database.ts";
import { playability, type NotPlayable } from "./open-recordings.ts";
import { newSecret, secretHash } from "./play-secrets.ts";
import type { PlaybackPorts } from "./ports.ts";
import { deleteEndedPlays, findPlayable, insertPlay, type PlayableRow, type StoredPlay } from "./store.ts";

/** From the start of a play to its end, whatever happens. */
export const playValidMs = 12 * 3_600_000;
/** Without a request in it, a play ends after this. */
export const playIdleMs = 30 * 60_000;
/** For a browser to follow the page's address. */
const codeValidMs = 5 * 60_000;

export interface Viewer {
  readonly forceId: ForceId;
  readonly personId: PersonId;
  readonly keyId: ApiKeyId;
}

export type StartOutcome =
  | {
      readonly kind: "started";
      readonly play: StoredPlay;
      readonly row: PlayableRow;
      /** The one-time code of the page; null for `via: "api"`. */
      readonly code: string | null;
    }
  | NotPlayable;

/** `via: "page"` gives a code for a browser; `"api"` is for a program that reads the media with its key. */
export async function startPlay(
  ports: Pick<PlaybackPorts, "database" | "clock" | "ledger">,
  viewer: Viewer,
  recordingId: RecordingId,
  how: { readonly via: "page" | "api"; readonly reason?: string },
): Promise<StartOutcome> {
  const nowMs = ports.clock.nowMs();
  const at = (afterMs: number): Date => new Date(nowMs + afterMs);
  const code = how.via === "page" ? newSecret() : null;
  return withForce(ports.database, viewer, async (tx) => {
    const row = await findPlayable(tx, recordingId);
    const verdict = playability(row);
    if (verdict.kind !== "playable" || row === undefined) return verdict as NotPlayable;
    const id = randomUUID() as PlayId;
    const entry = await ports.ledger.stage(tx, {
      event: "recording-viewed",
      actor: { person: parseId(viewer.personId) },
      recording: parseId(recordingId),
      ...(row.camera_id === null ? {} : { camera: parseId(row.camera_id) }),
      // JSON can carry half a surrogate pair, which no entry can.
      data: {
        play: id,
        via: how.via,
        ...(how.reason === undefined ? {} : { reason: how.reason.toWellFormed() }),
      },
    });
    const play: StoredPlay = {
      id,
      force_id: viewer.forceId,
      person_id: viewer.personId,
      recording_id: recordingId,
      api_key_id: viewer.keyId,
      entry_id: entry.id,
      code_hash: code === null ? null : secretHash("code", code),
      code_expires_at: code === null ? null : at(codeValidMs),
      token_hash: null,
      started_at: at(0),
      last_used_at: at(0),
      expires_at: at(playValidMs),
    };
    await deleteEndedPlays(tx, viewer.personId, at(0));
    await insertPlay(tx, play);
    return { kind: "started", play, row, code };
  });
}
