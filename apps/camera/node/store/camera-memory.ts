// What a camera must know of its own past, folded from its journal: nothing else is remembered, so nothing can disagree.
import { type JournalEntry, type Part, toHex } from "@sworn/custody";

export interface RememberedRecording {
  readonly id: Uint8Array;
  readonly number: number;
  /** Sequence of `recording-started`. */
  readonly started: number;
  readonly startedWallMs: number;
  readonly parts: readonly Part[];
  readonly durationMs: number;
  readonly storedBytes: number;
  readonly seal: { readonly sequence: number; readonly reason: string; readonly identity: Uint8Array } | null;
  readonly freed: boolean;
}

/** Holds only recordings whose media may still be on the camera. */
export class CameraMemory {
  readonly #recordings = new Map<string, RememberedRecording>();
  readonly #parts = new Map<string, Part[]>();
  /** The number of the last recording; 0 before the first. */
  lastNumber: number;
  /** The last boot ended with `powered-off`, or there was none. */
  clean = true;
  /** When the last entry was written, by the camera's clock. */
  lastWallMs: number | null = null;

  constructor(lastNumber: number) {
    this.lastNumber = lastNumber;
  }

  learn(entry: JournalEntry): void {
    this.lastWallMs = entry.wallMs;
    this.clean = entry.kind === "powered-off" || entry.kind === "enrolled";
    switch (entry.kind) {
      case "recording-started": {
        const { recording: id, number, init } = entry.body;
        this.lastNumber = number;
        const parts: Part[] = [init];
        this.#parts.set(toHex(id), parts);
        this.#recordings.set(toHex(id), {
          ...{
            id,
            number,
            started: entry.sequence,
            startedWallMs: entry.wallMs,
            durationMs: 0,
            seal: null,
            freed: false,
          },
          ...{ parts, storedBytes: init.storedBytes },
        });
        break;
      }
      case "fragment": {
        const { recording, lengthBytes, hash, storedBytes, storedHash, startMs, durationMs } = entry.body;
        this.#partsOf(recording)?.push({ lengthBytes, hash, storedBytes, storedHash });
        this.#change(recording, (known) => ({
          storedBytes: known.storedBytes + storedBytes,
          durationMs: Math.max(known.durationMs, startMs + durationMs),
        }));
        break;
      }
      case "recording-sealed": {
        const { recording, reason, identity } = entry.body;
        this.#change(recording, () => ({ seal: { sequence: entry.sequence, reason, identity } }));
        break;
      }
      case "freed":
        this.#change(entry.body.recording, () => ({ freed: true }));
        break;
      default:
        break;
    }
  }

  #partsOf(id: Uint8Array): Part[] | undefined {
    return this.#parts.get(toHex(id));
  }

  #change(id: Uint8Array, change: (known: RememberedRecording) => Partial<RememberedRecording>): void {
    const known = this.#recordings.get(toHex(id));
    if (known) this.#recordings.set(toHex(id), { ...known, ...change(known) });
  }

  /** The media is gone from the disk. */
  forget(id: Uint8Array): void {
    this.#recordings.delete(toHex(id));
    this.#parts.delete(toHex(id));
  }

  find(id: Uint8Array): RememberedRecording | null {
    return this.#recordings.get(toHex(id)) ?? null;
  }

  /** In the order of their numbers. */
  recordings(): RememberedRecording[] {
    return [...this.#recordings.values()].sort((a, b) => a.number - b.number);
  }

  /** The recording that was never sealed. */
  unsealed(): RememberedRecording | null {
    return this.recordings().find((recording) => recording.seal === null) ?? null;
  }

  storedBytes(): number {
    return this.recordings().reduce((total, recording) => total + recording.storedBytes, 0);
  }
}
