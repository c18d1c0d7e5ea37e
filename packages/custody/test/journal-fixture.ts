// A camera for tests: it writes real, signed, chained entries under a key of its own.
import {
  type Bytes,
  type JournalEntry,
  type JournalEvent,
  type Signer,
  FIRST_PREVIOUS,
  entryHash,
  keySigner,
  parseEntry,
  sha256,
  signEntry,
} from "../src/index.ts";

export interface TestKeys {
  readonly publicKey: CryptoKey;
  readonly signer: Signer;
}

export async function newKeys(): Promise<TestKeys> {
  const pair = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, [
    "sign",
    "verify",
  ]);
  const certificateHash = await sha256(new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey)));
  return { publicKey: pair.publicKey, signer: keySigner(pair.privateKey, certificateHash) };
}

/** 32 bytes that differ for each `seed`. */
export const hashOf = (seed: number): Uint8Array => new Uint8Array(32).fill(seed & 0xff);
export const idOf = (seed: number): Uint8Array => new Uint8Array(16).fill(seed & 0xff);
export const partOf = (seed: number) => ({
  lengthBytes: 1000 + seed,
  hash: hashOf(seed),
  storedBytes: 1100 + seed,
  storedHash: hashOf(seed + 100),
});

/** Unsigned entries: what `readLife`, `collectRecording` and `correctTimes` take once a chain is verified. */
export class Telling {
  readonly entries: JournalEntry[] = [];
  readonly camera = idOf(1);
  boot = idOf(10);
  wallMs = 1_800_000_000_000;
  monotonicMs = 0;

  tell(event: JournalEvent, afterMs = 1000): this {
    this.wallMs += afterMs;
    this.monotonicMs += afterMs;
    const { camera, boot, wallMs, monotonicMs } = this;
    const sequence = this.entries.length;
    this.entries.push({ camera, boot, sequence, previous: FIRST_PREVIOUS, wallMs, monotonicMs, ...event });
    return this;
  }

  /** A new boot, `afterMs` later by the wall clock. */
  reboot(seed: number, clean: boolean, afterMs = 60_000): this {
    this.boot = idOf(seed);
    this.wallMs += afterMs;
    this.monotonicMs = 0;
    return this.tell({ kind: "booted", body: { cause: "button", clean, firmware: "1.0" } });
  }

  enrol(): this {
    const body = { force: idOf(2), certificate: hashOf(3), model: "Test", firmware: "1.0" };
    return this.tell({ kind: "enrolled", body });
  }

  start(recording: Uint8Array, number: number): this {
    return this.tell({
      kind: "recording-started",
      body: {
        recording,
        number,
        trigger: "button",
        prerecordMs: 0,
        startedMonotonicMs: this.monotonicMs,
        envelope: hashOf(9),
        codecs: ["avc1.64001f"],
        init: partOf(0),
      },
    });
  }

  fragment(recording: Uint8Array, index: number, more: { muted?: boolean; startMs?: number } = {}): this {
    const { muted = false, startMs = (index - 1) * 2000 } = more;
    const body = { recording, index, ...partOf(index), startMs, durationMs: 2000, prerecord: false, muted };
    return this.tell({ kind: "fragment", body }, 2000);
  }
}

export interface SignedEntry {
  readonly entry: JournalEntry;
  readonly bytes: Bytes;
}

/** The same entries, signed and chained. */
export async function signAll(entries: readonly JournalEntry[], signer: Signer): Promise<SignedEntry[]> {
  const signed: SignedEntry[] = [];
  let previous: Uint8Array = FIRST_PREVIOUS;
  for (const entry of entries) {
    const bytes = await signEntry({ ...entry, previous }, signer);
    previous = await entryHash(bytes);
    signed.push({ bytes, entry: parseEntry(bytes).entry });
  }
  return signed;
}

/** A short life: enrolled, on, one recording of three fragments, sealed with `seal`, off. */
export function shortLife(recording: Uint8Array, seal: { parts: number; identity: Uint8Array }): Telling {
  return new Telling()
    .enrol()
    .reboot(11, true)
    .tell({ kind: "standby", body: { prerecordMs: 30_000 } })
    .start(recording, 1)
    .fragment(recording, 1)
    .fragment(recording, 2)
    .fragment(recording, 3)
    .tell({ kind: "recording-stopped", body: { recording, atMs: 6000, reason: "incident over" } })
    .tell({
      kind: "recording-sealed",
      body: { recording, number: 1, ...seal, durationMs: 6000, reason: "stopped", started: 3 },
    })
    .tell({ kind: "powered-off", body: { reason: "wearer" } });
}
