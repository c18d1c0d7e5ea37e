// The language-neutral vectors: what they hold, and how they are made. `node packages/custody/test/vectors.ts` writes
// them anew, with new signatures (ECDSA is not deterministic); all else comes out the same, which a test checks.
import { readFileSync, writeFileSync } from "node:fs";
import {
  type Bytes,
  type CborValue,
  type JournalEntry,
  type Manifest,
  type Opening,
  type Receipt,
  type Signer,
  COMMITMENT_LABELS,
  commit,
  encodeCbor,
  encodeLeaf,
  encodeOpening,
  encodeSegment,
  entryHash,
  keySigner,
  masterIdentity,
  mediaAssociatedData,
  partToRow,
  sha256,
  signManifest,
  signReceipt,
  toHex,
} from "../src/index.ts";
import { hashOf, idOf, partOf, shortLife, signAll } from "./journal-fixture.ts";

const FILE = new URL("../../../test-vectors/custody/vectors.json", import.meta.url);

/** RFC 6979, appendix A.2.5: a published P-256 key, which protects nothing. */
const TEST_KEY = {
  kty: "EC",
  crv: "P-256",
  d: "ya-p2EW6dRZrXCFXZ7HWk05Qw9s26JsSe4piKxIPZyE",
  x: "YP7UuiVanTHJYet0xjVtaMBJuJI7Yfps5mliLmDyn7Y",
  y: "eQP-EAi4vJmkGunpVii8ZPLxsgwtfp9Rd6PClNRGIpk",
};
const CURVE = { name: "ECDSA", namedCurve: "P-256" };

export async function testKey(): Promise<{ signer: Signer; publicKey: CryptoKey }> {
  const privateKey = await crypto.subtle.importKey("jwk", TEST_KEY, CURVE, false, ["sign"]);
  const { kty, crv, x, y } = TEST_KEY;
  const publicKey = await crypto.subtle.importKey("jwk", { kty, crv, x, y }, CURVE, true, ["verify"]);
  const certificateHash = await sha256(new Uint8Array(await crypto.subtle.exportKey("raw", publicKey)));
  return { signer: keySigner(privateKey, certificateHash), publicKey };
}

const recording = idOf(40);
const parts = [0, 1, 2, 3].map(partOf);
const salted = (seed: number, details: Opening["details"]): Opening => ({ salt: hashOf(seed), details });
const journalOpening = salted(0x51, { officer: "Helen Brown", collarNumber: "1234QK" });
const ledgerOpening = salted(0x52, {
  force: idOf(2),
  event: "recording-collected",
  atMs: 1_800_000_100_000,
  actor: { device: idOf(50) },
  recording,
  camera: idOf(1),
  data: { identity: hashOf(7), parts: 4 },
});

/** The entries before they are signed; `previous` is filled in as the chain grows. */
export async function journalEntries(): Promise<JournalEntry[]> {
  const { entries } = shortLife(recording, { parts: 4, identity: await masterIdentity(parts) });
  const sealed = await commit(COMMITMENT_LABELS.journal, journalOpening);
  return entries.map((entry) => (entry.kind === "recording-stopped" ? { ...entry, sealed } : entry));
}

export async function buildManifest(seal: Uint8Array): Promise<Manifest> {
  const timed = parts.map((part, index) => ({
    ...part,
    startMs: Math.max(0, index - 1) * 2000,
    durationMs: index && 2000,
  }));
  return {
    force: idOf(2),
    camera: idOf(1),
    recording,
    number: 1,
    format: "cmaf",
    identity: await masterIdentity(parts),
    verdict: "verified",
    receivedAtMs: 1_800_000_100_000,
    parts: timed.map(partToRow),
    recordedStartMs: 1_800_000_003_000,
    recordedEndMs: 1_800_000_009_000,
    clock: "dock",
    seal,
    object: "masters/example",
  };
}

export async function buildReceipt(manifest: Uint8Array): Promise<Receipt> {
  return {
    force: idOf(2),
    camera: idOf(1),
    recording,
    number: 1,
    identity: await masterIdentity(parts),
    parts: 4,
    lengthBytes: 4006,
    storedBytes: 4406,
    verdict: "verified",
    receivedAtMs: 1_800_000_100_000,
    manifest: await sha256(manifest),
    entry: await encodeLeaf(ledgerOpening),
    proof: "c2sp.org/tlog-proof@v1\n(shortened: see the vectors of the ledger)\n",
  };
}

export interface Vectors {
  readonly publicKey: { kty: string; crv: string; x: string; y: string };
  readonly certificateHash: string;
  readonly cbor: readonly { readonly json: unknown; readonly hex: string }[];
  readonly refused: readonly { readonly why: string; readonly hex: string }[];
  readonly parts: readonly { lengthBytes: number; hash: string; storedBytes: number; storedHash: string }[];
  readonly identity: string;
  readonly mediaAssociatedData: string;
  readonly journalOpening: { readonly opening: string; readonly commitment: string };
  readonly ledgerOpening: { readonly opening: string; readonly commitment: string; readonly leaf: string };
  readonly entries: readonly { readonly hex: string; readonly hash: string }[];
  readonly segment: string;
  readonly manifest: string;
  readonly receipt: string;
}

const CBOR: readonly { json: CborValue }[] = [
  { json: { aa: 1, b: 2, a: -3 } },
  { json: [0, 23, 24, 255, 256, 65_535, 65_536, 4_294_967_295, 4_294_967_296, Number.MAX_SAFE_INTEGER] },
  { json: [-1, -24, -25, Number.MIN_SAFE_INTEGER] },
  { json: { text: "Ærø 水 🎥", list: [], map: {}, yes: true, no: false, nothing: null } },
];
const REFUSED = [
  ["an integer that is longer than need be", "1801"],
  ["a floating-point number", "f93e00"],
  ["an integer as a floating-point number", "fb3ff0000000000000"],
  ["2^53", "1b0020000000000000"],
  ["a duplicate key", "a2616101616102"],
  ["keys that are not sorted", "a2616201616102"],
  ["an indefinite length", "9f01ff"],
  ["undefined", "f7"],
  ["a tag that is not 18", "c11a514b67b0"],
  ["an integer as a key, outside a COSE header", "a10102"],
  ["bytes behind the item", "0000"],
].map(([why = "", hex = ""]) => ({ why, hex }));

async function commitmentOf(label: "journal" | "ledger", opening: Opening) {
  return {
    opening: toHex(encodeOpening(opening)),
    commitment: toHex(await commit(COMMITMENT_LABELS[label], opening)),
  };
}

/** Everything in the file that does not depend on a signature. */
export async function deterministicVectors() {
  const { x, y, kty, crv } = TEST_KEY;
  const { signer } = await testKey();
  return {
    publicKey: { kty, crv, x, y },
    certificateHash: toHex(signer.certificateHash),
    cbor: CBOR.map(({ json }) => ({ json, hex: toHex(encodeCbor(json)) })),
    refused: REFUSED,
    parts: parts.map((part) => ({ ...part, hash: toHex(part.hash), storedHash: toHex(part.storedHash) })),
    identity: toHex(await masterIdentity(parts)),
    mediaAssociatedData: toHex(mediaAssociatedData(idOf(2), recording, 3)),
    journalOpening: await commitmentOf("journal", journalOpening),
    ledgerOpening: {
      ...(await commitmentOf("ledger", ledgerOpening)),
      leaf: toHex(await encodeLeaf(ledgerOpening)),
    },
  };
}

async function buildVectors(): Promise<Vectors> {
  const { signer } = await testKey();
  const signed = await signAll(await journalEntries(), signer);
  const hashes = await Promise.all(signed.map(({ bytes }) => entryHash(bytes)));
  const manifest: Bytes = await signManifest(await buildManifest(hashes[8] ?? new Uint8Array(32)), signer);
  return {
    ...(await deterministicVectors()),
    entries: signed.map(({ bytes }, index) => ({
      hex: toHex(bytes),
      hash: toHex(hashes[index] ?? new Uint8Array()),
    })),
    segment: toHex(encodeSegment(signed.map(({ bytes }) => ({ entry: bytes, opening: null })))),
    manifest: toHex(manifest),
    receipt: toHex(await signReceipt(await buildReceipt(manifest), signer)),
  };
}

export function readVectors(): Vectors {
  return JSON.parse(readFileSync(FILE, "utf8")) as Vectors;
}

if (import.meta.main) writeFileSync(FILE, `${JSON.stringify(await buildVectors(), null, 2)}\n`);
