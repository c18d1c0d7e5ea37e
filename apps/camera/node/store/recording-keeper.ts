// The recording in hand on the disk. Order for each part: hash, encrypt, sign; then the part and the announced entry
// are written and synced; then the entry is journaled and synced. A crash at any moment costs at most the part in hand,
// and not even that once its bytes are whole.
import type { Position } from "../../core/camera-input.ts";
import type { BeginRecording, SealRecording, StorePart } from "../../core/camera-effect.ts";
import { type Part, masterIdentity, sha256 } from "@sworn/custody";
import { type InitSegment, readInit, rewriteFragment } from "@sworn/media";
import { CameraError, systemCode } from "../camera-error.ts";
import type { Identity } from "../identity.ts";
import { RecordingKey } from "../sealing.ts";
import type { CameraMemory, RememberedRecording } from "./camera-memory.ts";
import type { AppendFile, Disk } from "./disk.ts";
import { type FolderLayout, envelopePath, mediaPath, recordingFolder } from "./folder-layout.ts";
import type { JournalKeeper, Signed, Stamp } from "./journal-keeper.ts";

interface InHand {
  readonly id: Uint8Array;
  readonly key: RecordingKey;
  readonly media: AppendFile;
  readonly init: InitSegment;
  readonly baseMs: number;
}

export interface StoreLimits {
  /** Bytes of media the camera may hold in all; null for as much as the disk has. */
  readonly capacityBytes: number | null;
}

export class RecordingKeeper {
  readonly #disk: Disk;
  readonly #layout: FolderLayout;
  readonly #identity: Identity;
  readonly #journal: JournalKeeper;
  readonly #memory: CameraMemory;
  readonly #limits: StoreLimits;
  #inHand: InHand | null = null;

  constructor(parts: {
    readonly disk: Disk;
    readonly layout: FolderLayout;
    readonly identity: Identity;
    readonly journal: JournalKeeper;
    readonly memory: CameraMemory;
    readonly limits: StoreLimits;
  }) {
    this.#disk = parts.disk;
    this.#layout = parts.layout;
    this.#identity = parts.identity;
    this.#journal = parts.journal;
    this.#memory = parts.memory;
    this.#limits = parts.limits;
  }

  /** The key for personal details of this recording, while it is in hand. */
  keyOf(recording: Uint8Array): RecordingKey | null {
    return this.#inHand?.id === recording ? this.#inHand.key : null;
  }

  /** Parts of the recording that are stored and journaled. */
  partsOf(recording: Uint8Array): number {
    return this.#memory.find(recording)?.parts.length ?? 0;
  }

  async begin(effect: BeginRecording, stamp: Stamp): Promise<void> {
    const { recording: id, number } = effect;
    const key = await RecordingKey.make(this.#identity, id);
    const folder = recordingFolder(this.#layout, { number, id });
    const stored = key.encryptPart(0, effect.init);
    this.#requireRoom(stored.length);
    try {
      await this.#disk.makeFolder(folder);
      await this.#disk.writeWhole(envelopePath(folder), key.envelope);
      const media = await this.#disk.openAppend(mediaPath(folder));
      const inHand = { id, key, media, init: readInit(effect.init), baseMs: effect.baseMs };
      this.#inHand = inHand;
      await this.#disk.syncFolder(folder);
      const { trigger, prerecordMs, startedMonotonicMs, codecs } = effect;
      const part = await describe(effect.init, stored);
      const signed = await this.#journal.sign(
        {
          kind: "recording-started",
          body: {
            ...{ recording: id, number, trigger, prerecordMs, startedMonotonicMs, codecs: [...codecs] },
            envelope: await sha256(key.envelope),
            init: part,
          },
        },
        stamp,
      );
      await this.#commit(inHand, signed, stored);
    } catch (error) {
      await this.#letGo();
      if (!isFatal(error)) await this.#disk.remove(folder).catch(() => undefined);
      throw error;
    }
  }

  async store(effect: StorePart, stamp: Stamp): Promise<void> {
    const inHand = this.#require(effect.recording);
    const { index, startMs, durationMs, prerecord, muted, positions } = effect;
    const bytes = rewriteFragment(effect.bytes, inHand.init, { shiftMs: -inHand.baseMs, sequence: index });
    const stored = inHand.key.encryptPart(index, bytes);
    this.#requireRoom(stored.length);
    const part = await describe(bytes, stored);
    const body = { recording: effect.recording, index, ...part, startMs, durationMs, prerecord, muted };
    const personal =
      positions.length === 0 ? undefined : { details: { positions: positions.map(toList) }, key: inHand.key };
    const signed = await this.#journal.sign({ kind: "fragment", body }, stamp, personal);
    await this.#commit(inHand, signed, stored);
  }

  /** Journals the seal over what is stored, and forgets the key. Cuts off what an unclean stop left behind. */
  async seal(effect: SealRecording, stamp: Stamp): Promise<RememberedRecording> {
    const known = this.#memory.find(effect.recording);
    if (!known)
      throw new CameraError("no-recording", `Recording ${String(effect.number)} is not on this camera.`);
    await this.#cutBehind(known);
    const { recording, number, durationMs, reason } = effect;
    const identity = await masterIdentity(known.parts);
    const parts = known.parts.length;
    await this.#journal.append(
      {
        kind: "recording-sealed",
        body: { recording, number, parts, identity, durationMs, reason, started: known.started },
      },
      stamp,
    );
    await this.#letGo();
    return this.#memory.find(recording) ?? known;
  }

  /** Forgets the recording in hand without a seal; the next start seals it. */
  async abandon(): Promise<void> {
    await this.#letGo();
  }

  async #commit(inHand: InHand, signed: Signed, stored: Uint8Array): Promise<void> {
    const wholeBytes = inHand.media.sizeBytes;
    try {
      const outcomes = await Promise.allSettled([
        this.#journal.announce(signed),
        appendSynced(inHand.media, stored),
      ]);
      for (const outcome of outcomes) if (outcome.status === "rejected") throw outcome.reason;
      await this.#journal.keep(signed);
    } catch (error) {
      if (isFatal(error)) throw error;
      // Nothing half-written is believed, and what was written but reported as failed is not either.
      await inHand.media.cutTo(wholeBytes).catch((cause: unknown) => {
        throw new CameraError(
          "store-failed",
          "The recording could not be cut back. Start the camera again.",
          { cause },
        );
      });
      throw error;
    }
  }

  async #cutBehind(known: RememberedRecording): Promise<void> {
    const media =
      this.#inHand?.media ?? (await this.#disk.openAppend(mediaPath(recordingFolder(this.#layout, known))));
    try {
      if (media.sizeBytes > known.storedBytes) {
        await media.cutTo(known.storedBytes);
        await media.sync();
      }
    } finally {
      if (!this.#inHand) await media.close();
    }
  }

  #requireRoom(lengthBytes: number): void {
    const { capacityBytes } = this.#limits;
    if (capacityBytes === null || this.#memory.storedBytes() + lengthBytes <= capacityBytes) return;
    throw new CameraError("storage-full", "The camera's storage is full. Put it into a dock.");
  }

  #require(recording: Uint8Array): InHand {
    if (this.#inHand?.id !== recording) throw new CameraError("no-recording", "No recording is in hand.");
    return this.#inHand;
  }

  async #letGo(): Promise<void> {
    const inHand = this.#inHand;
    this.#inHand = null;
    inHand?.key.forget();
    await inHand?.media.close().catch(() => undefined);
  }
}

async function describe(plaintext: Uint8Array, stored: Uint8Array): Promise<Part> {
  return {
    ...{ lengthBytes: plaintext.length, hash: await sha256(plaintext) },
    ...{ storedBytes: stored.length, storedHash: await sha256(stored) },
  };
}

async function appendSynced(media: AppendFile, bytes: Uint8Array): Promise<void> {
  await media.append(bytes);
  await media.sync();
}

const toList = (position: Position): number[] => [...position];

function isFatal(error: unknown): boolean {
  return error instanceof CameraError && error.code === "store-failed";
}

/** Why a part could not be stored, in the machine's words; null if only a new start helps. */
export function storeFailure(error: unknown): { why: "storage-full" | "fault"; code: string } | null {
  if (isFatal(error)) return null;
  const code = systemCode(error) ?? "write-failed";
  const full = code === "ENOSPC" || code === "EDQUOT" || code === "storage-full";
  return full
    ? { why: "storage-full", code: "storage-full" }
    : { why: "fault", code: `write-failed-${code}`.slice(0, 80) };
}
