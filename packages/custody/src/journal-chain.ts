// Verifies a run of journal entries: signatures, one camera, no gap, each naming the one before.
import { equalBytes } from "./bytes.ts";
import { CustodyError } from "./errors.ts";
import { type JournalEntry, FIRST_PREVIOUS, entryHash, parseEntry } from "./journal-entry.ts";
import { verifySign1 } from "./sign1.ts";

/** The last entry so far: what the next must follow. */
export interface ChainHead {
  readonly sequence: number;
  /** SHA-256 of the entry's complete bytes. */
  readonly hash: Uint8Array;
}

export type ChainProblem =
  | { readonly kind: "malformed"; readonly reason: string }
  | { readonly kind: "wrong-camera" }
  | { readonly kind: "unknown-certificate" }
  | { readonly kind: "bad-signature" }
  | { readonly kind: "gap"; readonly expected: number; readonly found: number }
  | { readonly kind: "broken-link" }
  | { readonly kind: "clock-backwards" };

export type ChainStep =
  | { readonly kind: "ok"; readonly entry: JournalEntry; readonly head: ChainHead; readonly hash: Uint8Array }
  | { readonly kind: "problem"; readonly problem: ChainProblem; readonly entry: JournalEntry | null };

export interface ChainOptions {
  readonly camera: Uint8Array;
  /** The P-256 public key of the camera certificate with this hash, or null if it is not this camera's. */
  publicKey(certificateHash: Uint8Array): CryptoKey | null;
}

/** One boot's monotonic clock cannot run backwards; a new boot starts it anew. */
interface Running {
  boot: Uint8Array;
  monotonicMs: number;
}

/**
 * A checker that is fed entries in order. `head` null starts at sequence 0; `"anywhere"` takes the first
 * entry as given, which is how an extract is checked.
 */
export class ChainVerifier {
  #head: ChainHead | null | "anywhere";
  #running: Running | null = null;
  readonly #options: ChainOptions;

  constructor(head: ChainHead | null | "anywhere", options: ChainOptions) {
    this.#head = head;
    this.#options = options;
  }

  /** Checks the next entry. After a problem the head stays where it was. */
  async next(bytes: Uint8Array): Promise<ChainStep> {
    let parsed;
    try {
      parsed = parseEntry(bytes);
    } catch (error) {
      if (!(error instanceof CustodyError)) throw error;
      return { kind: "problem", problem: { kind: "malformed", reason: error.message }, entry: null };
    }
    const { entry, sign1 } = parsed;
    const problem =
      this.#placeProblem(entry) ?? (await this.#signatureProblem(sign1)) ?? this.#clockProblem(entry);
    if (problem) return { kind: "problem", problem, entry };
    const hash = await entryHash(bytes);
    const head = { sequence: entry.sequence, hash };
    this.#head = head;
    this.#running = { boot: entry.boot, monotonicMs: entry.monotonicMs };
    return { kind: "ok", entry, head, hash };
  }

  #placeProblem(entry: JournalEntry): ChainProblem | null {
    if (!equalBytes(entry.camera, this.#options.camera)) return { kind: "wrong-camera" };
    if (this.#head === "anywhere") return null;
    const expected = this.#head === null ? 0 : this.#head.sequence + 1;
    if (entry.sequence !== expected) return { kind: "gap", expected, found: entry.sequence };
    const previous = this.#head === null ? FIRST_PREVIOUS : this.#head.hash;
    return equalBytes(entry.previous, previous) ? null : { kind: "broken-link" };
  }

  async #signatureProblem(sign1: ReturnType<typeof parseEntry>["sign1"]): Promise<ChainProblem | null> {
    const key = this.#options.publicKey(sign1.certificateHash);
    if (!key) return { kind: "unknown-certificate" };
    return (await verifySign1(sign1, key)) ? null : { kind: "bad-signature" };
  }

  #clockProblem(entry: JournalEntry): ChainProblem | null {
    const running = this.#running;
    if (!running || !equalBytes(running.boot, entry.boot)) return null;
    return entry.monotonicMs < running.monotonicMs ? { kind: "clock-backwards" } : null;
  }
}

/** A sentence for a report. */
export function describeChainProblem(problem: ChainProblem): string {
  switch (problem.kind) {
    case "malformed":
      return problem.reason;
    case "wrong-camera":
      return "The entry is another camera's.";
    case "unknown-certificate":
      return "The entry is signed under a certificate that is not this camera's.";
    case "bad-signature":
      return "The signature does not fit: the entry was altered, or somebody else signed it.";
    case "gap":
      return `Entry ${String(problem.expected)} should follow, but entry ${String(problem.found)} does.`;
    case "broken-link":
      return "The entry does not follow the one before: an entry was altered, replaced or removed.";
    case "clock-backwards":
      return "The monotonic clock runs backwards within one boot.";
  }
}
