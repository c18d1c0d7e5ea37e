// Signs entries and keeps them: the one place where the camera's key is used and its memory learns.
import {
  COMMITMENT_LABELS,
  type Details,
  type JournalEntry,
  type JournalEvent,
  type JournalRecord,
  commit,
  newOpening,
  parseEntry,
  signEntry,
} from "@sworn/custody";
import type { Identity } from "../identity.ts";
import { type RecordingKey, sealLoneOpening } from "../sealing.ts";
import type { CameraMemory } from "./camera-memory.ts";
import type { JournalFiles, JournalHead } from "./journal-files.ts";
import type { PendingEntry } from "./pending-entry.ts";
import type { Reserve } from "./reserve.ts";

/** What stands in every entry beside its kind. */
export interface Stamp {
  readonly boot: Uint8Array;
  readonly wallMs: number;
  readonly monotonicMs: number;
}

export interface Signed {
  readonly record: JournalRecord;
  readonly entry: JournalEntry;
}

export class JournalKeeper {
  readonly #identity: Identity;
  readonly #files: JournalFiles;
  readonly #pending: PendingEntry;
  readonly #memory: CameraMemory;
  readonly #reserve: Reserve;

  constructor(parts: {
    readonly identity: Identity;
    readonly files: JournalFiles;
    readonly pending: PendingEntry;
    readonly memory: CameraMemory;
    readonly reserve: Reserve;
  }) {
    this.#identity = parts.identity;
    this.#files = parts.files;
    this.#pending = parts.pending;
    this.#memory = parts.memory;
    this.#reserve = parts.reserve;
  }

  get head(): JournalHead {
    return this.#files.head;
  }

  /** The next entry, signed and not yet kept. Personal `details` are sealed under `key`, or under a key of their own. */
  async sign(
    event: JournalEvent,
    stamp: Stamp,
    personal?: { details: Details; key: RecordingKey | null },
  ): Promise<Signed> {
    const { camera, signer } = this.#identity;
    const sequence = this.head.sequence + 1;
    const opening = personal ? newOpening(personal.details) : null;
    const sealed = opening ? { sealed: await commit(COMMITMENT_LABELS.journal, opening) } : null;
    const { boot, wallMs, monotonicMs } = stamp;
    const place = { camera, boot, sequence, previous: this.head.hash, wallMs, monotonicMs, ...sealed };
    const bytes = await signEntry({ ...place, ...event }, signer);
    const closed = opening
      ? (personal?.key?.sealOpening(opening, sequence) ??
        (await sealLoneOpening(this.#identity, opening, sequence)))
      : null;
    // Read back: what cannot be read by others must never be chained.
    return { record: { entry: bytes, opening: closed }, entry: parseEntry(bytes).entry };
  }

  /** Makes the entry known to a restart, should its part be whole by then. */
  async announce(signed: Signed): Promise<void> {
    await this.#pending.write(signed.record);
  }

  /** Appends the entry; durable on return. A full store gives its reserve for it. */
  async keep(signed: Signed): Promise<void> {
    await this.#files.append(signed.record, () => this.#reserve.release());
    this.#memory.learn(signed.entry);
  }

  async append(
    event: JournalEvent,
    stamp: Stamp,
    personal?: { details: Details; key: RecordingKey | null },
  ): Promise<Signed> {
    const signed = await this.sign(event, stamp, personal);
    await this.keep(signed);
    return signed;
  }
}
