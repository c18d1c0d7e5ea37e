// The published vectors: this implementation reads them, and makes the deterministic part of them again.
import { describe, expect, it } from "vitest";
import {
  type JournalEntry,
  ChainVerifier,
  FIRST_PREVIOUS,
  collectRecording,
  decodeCbor,
  decodeLeaf,
  decodeOpening,
  decodeSegment,
  encodeCbor,
  encodeLeaf,
  entryHash,
  equalBytes,
  fromHex,
  masterIdentity,
  opensCommitment,
  parseEntry,
  parseManifest,
  parseReceipt,
  readIntervals,
  readLife,
  sha256,
  signEntry,
  toHex,
  verifySign1,
} from "../src/index.ts";
import { idOf } from "./journal-fixture.ts";
import {
  buildManifest,
  buildReceipt,
  deterministicVectors,
  journalEntries,
  readVectors,
  testKey,
} from "./vectors.ts";

const vectors = readVectors();
const unhex = (hex: string): Uint8Array => fromHex(hex) ?? new Uint8Array();
const { signer, publicKey } = await testKey();

/** The entries of the file, verified from the first on. */
async function verified(): Promise<JournalEntry[]> {
  const known = (hash: Uint8Array) => (equalBytes(hash, unhex(vectors.certificateHash)) ? publicKey : null);
  const chain = new ChainVerifier(null, { camera: idOf(1), publicKey: known });
  const entries: JournalEntry[] = [];
  for (const { hex, hash } of vectors.entries) {
    const step = await chain.next(unhex(hex));
    if (step.kind !== "ok") throw new Error(step.problem.kind);
    expect(toHex(step.hash)).toBe(hash);
    entries.push(step.entry);
  }
  return entries;
}

describe("the published vectors", () => {
  it("are made again, but for the signatures", async () => {
    expect(JSON.parse(JSON.stringify(await deterministicVectors()))).toEqual(
      Object.fromEntries(
        Object.entries(vectors).filter(
          ([name]) => !["entries", "segment", "manifest", "receipt"].includes(name),
        ),
      ),
    );
  });

  it("hold CBOR that is read and written alike, and CBOR that is refused", () => {
    for (const { json, hex } of vectors.cbor) {
      expect(toHex(encodeCbor(json as never))).toBe(hex);
      expect(decodeCbor(unhex(hex), "It")).toEqual(json);
    }
    for (const { hex } of vectors.refused)
      expect(() => decodeCbor(unhex(hex), "It")).toThrow(expect.objectContaining({ name: "CustodyError" }));
  });

  it("hold a journal whose chain verifies, whose states are in order and whose seal fits", async () => {
    const entries = await verified();
    expect(readLife(entries).findings).toEqual([]);
    expect(readIntervals(entries).map(({ state }) => state)).toEqual([
      "off",
      "standby",
      "recording",
      "standby",
      "off",
    ]);
    const collected = await collectRecording(entries, idOf(40));
    expect(collected.kind).toBe("sealed");
    if (collected.kind === "sealed")
      expect(toHex(await masterIdentity(collected.recording.parts))).toBe(vectors.identity);
    expect(decodeSegment(unhex(vectors.segment)).map(({ entry }) => toHex(entry))).toEqual(
      vectors.entries.map(({ hex }) => hex),
    );
  });

  it("hold entries whose payload is the one that is signed here", async () => {
    let previous: Uint8Array = FIRST_PREVIOUS;
    for (const [index, entry] of (await journalEntries()).entries()) {
      const published = unhex(vectors.entries[index]?.hex ?? "");
      const again = parseEntry(await signEntry({ ...entry, previous }, signer)).sign1;
      const { sign1 } = parseEntry(published);
      expect(again.payload).toEqual(sign1.payload);
      expect(again.protectedHeader).toEqual(sign1.protectedHeader);
      previous = await entryHash(published);
    }
  });

  it("hold a manifest and a receipt that name each other, the seal and the leaf", async () => {
    const manifest = parseManifest(unhex(vectors.manifest));
    const receipt = parseReceipt(unhex(vectors.receipt));
    expect(await verifySign1(manifest.sign1, publicKey)).toBe(true);
    expect(await verifySign1(receipt.sign1, publicKey)).toBe(true);
    expect(manifest.value).toEqual(await buildManifest(unhex(vectors.entries[8]?.hash ?? "")));
    expect(receipt.value).toEqual(await buildReceipt(unhex(vectors.manifest)));
    expect(toHex(receipt.value.manifest)).toBe(toHex(await sha256(unhex(vectors.manifest))));
    expect(toHex(receipt.value.entry)).toBe(vectors.ledgerOpening.leaf);
  });

  it("hold openings that fit their commitments and the leaf", async () => {
    const own = decodeOpening(unhex(vectors.journalOpening.opening));
    const commitment = unhex(vectors.journalOpening.commitment);
    expect(await opensCommitment("sworn/journal/v1", own, commitment)).toBe(true);
    expect((await verified()).find((entry) => entry.kind === "recording-stopped")?.sealed).toEqual(
      commitment,
    );
    const ledger = decodeOpening(unhex(vectors.ledgerOpening.opening));
    const leaf = decodeLeaf(unhex(vectors.ledgerOpening.leaf));
    expect(await opensCommitment("sworn/ledger/v1", ledger, leaf.commitment)).toBe(true);
    expect(toHex(await encodeLeaf(ledger))).toBe(vectors.ledgerOpening.leaf);
  });
});
