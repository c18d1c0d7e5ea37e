// Rows of play sessions and of posters seen (migration 0006).
import type { ApiKeyId, ForceId, PersonId, PlayId, RecordingId } from "@sworn/contract";

export interface PlayRow {
  id: PlayId;
  force_id: ForceId;
  person_id: PersonId;
  recording_id: RecordingId;
  api_key_id: ApiKeyId;
  entry_id: number;
  code_hash: Uint8Array | null;
  code_expires_at: Date | null;
  token_hash: Uint8Array | null;
  started_at: Date;
  last_used_at: Date;
  expires_at: Date;
}

export interface PosterViewRow {
  force_id: ForceId;
  person_id: PersonId;
  recording_id: RecordingId;
  /** Whole hours since 1970, UTC. */
  hour: number;
}

export interface PlaybackTables {
  play: PlayRow;
  poster_view: PosterViewRow;
}
