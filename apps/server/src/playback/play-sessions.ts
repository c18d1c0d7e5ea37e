// Running plays, asked about with every range. A play ends at its limit, when nobody used it for half an hour, and when
// the API key that began it is revoked; the database is asked again each second of use.
import type { PlayId, RecordingId } from "@sworn/contract";
import { withForce, withPlatform } from "../platform/database/database.ts";
import { isToken, newSecret, secretHash } from "./play-secrets.ts";
import type { PlaybackPorts } from "./ports.ts";
import { playIdleMs, type Viewer } from "./start-play.ts";
import {
  findKeyPlay,
  findPlay,
  findPlayForce,
  swapCodeForToken,
  touchPlay,
  type StoredPlay,
} from "./store.ts";

interface Known {
  readonly play: StoredPlay;
  readonly checkedAtMs: number;
  writtenUseMs: number;
}

const trustForMs = 1_000;
const writeUseEveryMs = 60_000;
const mostKnown = 1_000;

export class PlaySessions {
  readonly #ports: Pick<PlaybackPorts, "database" | "clock">;
  readonly #known = new Map<PlayId, Known>();

  constructor(ports: Pick<PlaybackPorts, "database" | "clock">) {
    this.#ports = ports;
  }

  /** The play that a browser's token belongs to, or null for any other. */
  async ofToken(id: PlayId, token: string): Promise<StoredPlay | null> {
    const known = await this.#find(id);
    const hash = known?.play.token_hash ?? null;
    return known !== null && hash !== null && isToken(token, hash) ? this.#use(known) : null;
  }

  /** The same from memory: the play, where the database was asked within the second and nothing is to be written; else
   * null, which says nothing. */
  knownOfToken(id: PlayId, token: string): StoredPlay | null {
    const known = this.#known.get(id);
    const hash = known?.play.token_hash ?? null;
    if (known === undefined || hash === null || performance.now() - known.checkedAtMs > trustForMs)
      return null;
    const nowMs = this.#ports.clock.nowMs();
    const isDue = !isRunning(known.play, nowMs) || nowMs - known.writtenUseMs >= writeUseEveryMs;
    if (isDue || !isToken(token, hash)) return null;
    known.play.last_used_at = new Date(nowMs);
    return known.play;
  }

  /** A person's own play of that recording, or null. */
  async ofViewer(id: PlayId, viewer: Viewer, recordingId?: RecordingId): Promise<StoredPlay | null> {
    const known = await this.#find(id);
    if (known === null) return null;
    const { play } = known;
    const own = play.force_id === viewer.forceId && play.person_id === viewer.personId;
    return own && play.recording_id === (recordingId ?? play.recording_id) ? this.#use(known) : null;
  }

  /** The play that this key is in by reading that recording, or null. */
  async ofKey(viewer: Viewer, recordingId: RecordingId): Promise<StoredPlay | null> {
    const nowMs = this.#ports.clock.nowMs();
    const limits = { now: new Date(nowMs), usedSince: new Date(nowMs - playIdleMs) };
    const found = await withForce(this.#ports.database, viewer, (tx) =>
      findKeyPlay(tx, viewer.keyId, recordingId, limits),
    );
    return found === undefined ? null : this.ofViewer(found.id, viewer, recordingId);
  }

  /** Uses the page's code, once: gives the token for the cookie, or null where the code is wrong, used or late. */
  async open(id: PlayId, code: string): Promise<{ play: StoredPlay; token: string } | null> {
    const codeHash = secretHash("code", code);
    const known = await this.#find(id);
    if (codeHash === null || known === null) return null;
    const token = newSecret();
    const tokenHash = secretHash("token", token) ?? codeHash;
    const now = new Date(this.#ports.clock.nowMs());
    const { play } = known;
    const swapped = await withForce(
      this.#ports.database,
      { forceId: play.force_id, personId: play.person_id },
      (tx) => swapCodeForToken(tx, id, { codeHash, tokenHash, now }),
    );
    this.#known.delete(id);
    return swapped ? { play, token } : null;
  }

  async #find(id: PlayId): Promise<Known | null> {
    const { database, clock } = this.#ports;
    const before = this.#known.get(id);
    let known = before;
    if (known === undefined || performance.now() - known.checkedAtMs > trustForMs) {
      const forceId = before?.play.force_id ?? (await withPlatform(database, (tx) => findPlayForce(tx, id)));
      if (forceId === null) return null;
      const now = new Date(clock.nowMs());
      const play = await withForce(database, { forceId, personId: null }, (tx) => findPlay(tx, id, now));
      this.#known.delete(id);
      if (play === undefined) return null;
      const used = Math.max(play.last_used_at.getTime(), before?.play.last_used_at.getTime() ?? 0);
      play.last_used_at = new Date(used);
      const writtenUseMs = before?.writtenUseMs ?? used;
      known = { play, checkedAtMs: performance.now(), writtenUseMs };
      this.#remember(id, known);
    }
    return isRunning(known.play, clock.nowMs()) ? known : null;
  }

  async #use(known: Known): Promise<StoredPlay> {
    const { play } = known;
    const nowMs = this.#ports.clock.nowMs();
    play.last_used_at = new Date(nowMs);
    if (nowMs - known.writtenUseMs < writeUseEveryMs) return play;
    known.writtenUseMs = nowMs;
    await withForce(this.#ports.database, { forceId: play.force_id, personId: play.person_id }, (tx) =>
      touchPlay(tx, play.id, new Date(nowMs)),
    );
    return play;
  }

  #remember(id: PlayId, known: Known): void {
    for (const oldest of this.#known.keys()) {
      if (this.#known.size < mostKnown) break;
      this.#known.delete(oldest);
    }
    this.#known.set(id, known);
  }
}

function isRunning({ expires_at: expiresAt, last_used_at: usedAt }: StoredPlay, nowMs: number): boolean {
  return nowMs < expiresAt.getTime() && nowMs - usedAt.getTime() < playIdleMs;
}
