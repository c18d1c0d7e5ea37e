// The recordings that are being watched, with their keys in memory. Guarantees that no key outlives its recording:
// the row is asked again each second of use, `forget` drops a recording at once and ends its streams, and what nobody
// uses is dropped after five minutes.
import type { ForceId, RecordingId } from "@sworn/contract";
import { parseId } from "@sworn/custody";
import { EvidenceFault, partsOf, recordingKeyId } from "../evidence/index.ts";
import { withForce } from "../platform/database/database.ts";
import { PartMap } from "./part-map.ts";
import { PlaybackFault } from "./playback-fault.ts";
import type { PlaybackPorts } from "./ports.ts";
import { SealedMedia } from "./sealed-media.ts";
import { findPlayable, readParts, type PlayableRow } from "./store.ts";

/** Why a recording cannot be played, which is no fault. `destroyed` from the order on. */
export type NotPlayable =
  | { readonly kind: "unknown" | "not-collected" }
  | { readonly kind: "destroyed"; readonly recordingId: RecordingId };

/** A recording in use; `release` must be called. */
export interface Lease {
  readonly kind: "open";
  readonly row: PlayableRow;
  readonly media: SealedMedia;
  release(): void;
}

interface Opened {
  readonly kind: "open";
  row: PlayableRow;
  readonly media: SealedMedia;
  users: number;
  checkedAtMs: number;
  usedAtMs: number;
}

type Ports = Pick<PlaybackPorts, "database" | "ring" | "store">;

const trustRowForMs = 1_000;
const dropUnusedAfterMs = 300_000;
const mostUnused = 64;

/** Whether a row can be played, told apart by its state. */
export function playability(row: PlayableRow | undefined): NotPlayable | { readonly kind: "playable" } {
  if (row === undefined) return { kind: "unknown" };
  if (row.state === "expected") return { kind: "not-collected" };
  if (row.state === "collected") return { kind: "playable" };
  return { kind: "destroyed", recordingId: row.id };
}

export class OpenRecordings {
  readonly #ports: Ports;
  readonly #opened = new Map<string, Promise<Opened | NotPlayable>>();
  // What of it is open by now.
  readonly #settled = new WeakMap<Promise<Opened | NotPlayable>, Opened>();
  readonly #sweep: NodeJS.Timeout;

  constructor(ports: Ports) {
    this.#ports = ports;
    this.#sweep = setInterval(() => {
      void this.#dropUnused(dropUnusedAfterMs);
    }, 60_000).unref();
  }

  /** @throws PlaybackFault `media-missing`, `parts-damaged`; what database, ring and store throw */
  async use(forceId: ForceId, id: RecordingId): Promise<Lease | NotPlayable> {
    const place = `${forceId}/${id}`;
    let opening = this.#opened.get(place);
    const known = opening !== undefined;
    if (opening === undefined) {
      opening = this.#open(forceId, id);
      this.#opened.set(place, opening);
      this.#forgetUnless(place, opening);
      if (this.#opened.size > mostUnused) void this.#dropUnused(0);
    }
    const opened = await opening;
    if (opened.kind !== "open") return opened;
    const lease = leaseOf(opened);
    try {
      const refused = known ? await this.#checkAgain(forceId, id, opened) : null;
      if (refused === null) return { ...lease, row: opened.row };
      lease.release();
      return refused;
    } catch (error) {
      lease.release();
      throw error;
    }
  }

  /** From memory: a lease where the recording is open and its row was read within the second; else null. */
  useKnown(forceId: ForceId, id: RecordingId): Lease | null {
    const opening = this.#opened.get(`${forceId}/${id}`);
    const opened = opening === undefined ? undefined : this.#settled.get(opening);
    const isTrusted = opened !== undefined && performance.now() - opened.checkedAtMs < trustRowForMs;
    return isTrusted ? leaseOf(opened) : null;
  }

  /** To be called when a recording is ordered to be destroyed: its key leaves memory, its streams end. */
  forget(id: RecordingId): void {
    for (const [place, opening] of this.#opened) {
      if (!place.endsWith(`/${id}`)) continue;
      this.#opened.delete(place);
      void opening.then(closeIt, () => undefined);
    }
  }

  close(): void {
    clearInterval(this.#sweep);
    for (const opening of this.#opened.values()) void opening.then(closeIt, () => undefined);
    this.#opened.clear();
  }

  async #open(forceId: ForceId, id: RecordingId): Promise<Opened | NotPlayable> {
    const { row, parts } = await withForce(this.#ports.database, { forceId, personId: null }, async (tx) => ({
      row: await findPlayable(tx, id),
      parts: await readParts(tx, id),
    }));
    const verdict = playability(row);
    if (verdict.kind !== "playable" || row === undefined) return verdict as NotPlayable;
    if (row.object_key === null || parts === null)
      throw new PlaybackFault("parts-damaged", "The recording's row names no object or no parts.");
    const key = await this.#ports.ring.get(recordingKeyId(id));
    // A restored database beside a ring that has destroyed the key brings nothing back.
    if (key.kind === "destroyed") return { kind: "destroyed", recordingId: id };
    if (key.kind === "unknown")
      throw new PlaybackFault("media-missing", "The key ring has no key for the recording.");
    const found = await this.#ports.store.openObject(row.object_key);
    if (found.kind === "absent")
      throw new PlaybackFault("media-missing", "The store has no object for the recording.");
    const ids = { force: parseId(forceId), recording: parseId(id) };
    // Of what was accepted as altered, parts may be missing at the end: what came of it plays.
    const { object } = found;
    const isAltered = row.verdict === "altered";
    const map = mapOf(parts, isAltered ? object.sizeBytes : Number.POSITIVE_INFINITY);
    const own = { readInto: object.readInto.bind(object), sizeBytes: map.storedBytes };
    const media = new SealedMedia(map, isAltered ? own : object, key.key, ids);
    const nowMs = performance.now();
    return { kind: "open", row, media, users: 0, checkedAtMs: nowMs, usedAtMs: nowMs };
  }

  async #checkAgain(forceId: ForceId, id: RecordingId, opened: Opened): Promise<NotPlayable | null> {
    if (performance.now() - opened.checkedAtMs < trustRowForMs) return null;
    const row = await withForce(this.#ports.database, { forceId, personId: null }, (tx) =>
      findPlayable(tx, id),
    );
    const verdict = playability(row);
    if (verdict.kind !== "playable") {
      this.forget(id);
      return verdict;
    }
    if (row !== undefined) opened.row = row;
    opened.checkedAtMs = performance.now();
    return null;
  }

  #forgetUnless(place: string, opening: Promise<Opened | NotPlayable>): void {
    const drop = (): void => {
      if (this.#opened.get(place) === opening) this.#opened.delete(place);
    };
    void opening.then((opened) => {
      if (opened.kind === "open") this.#settled.set(opening, opened);
      else drop();
    }, drop);
  }

  async #dropUnused(olderThanMs: number): Promise<void> {
    for (const [place, opening] of [...this.#opened]) {
      const opened = await opening.catch(() => null);
      if (opened?.kind !== "open" || opened.users > 0) continue;
      if (performance.now() - opened.usedAtMs < olderThanMs) continue;
      if (this.#opened.get(place) === opening) this.#opened.delete(place);
      opened.media.close();
    }
  }
}

function leaseOf(opened: Opened): Lease {
  opened.users += 1;
  const release = (): void => {
    opened.users -= 1;
    opened.usedAtMs = performance.now();
  };
  return { kind: "open", row: opened.row, media: opened.media, release };
}

function mapOf(parts: Uint8Array, mostBytes: number): PartMap {
  try {
    let end = 0;
    const whole = partsOf({ parts }).filter(({ storedBytes }) => (end += storedBytes) <= mostBytes);
    return new PartMap(whole);
  } catch (cause) {
    if (!(cause instanceof EvidenceFault)) throw cause;
    throw new PlaybackFault("parts-damaged", cause.message, { cause });
  }
}

function closeIt(opened: Opened | NotPlayable): void {
  if (opened.kind === "open") opened.media.close();
}
