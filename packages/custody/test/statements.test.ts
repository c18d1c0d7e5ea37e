// Manifests, receipts, certificates of destruction, ingest keys, envelopes, leaves, openings: only their exact shape is read.
import { beforeAll, describe, expect, it } from "vitest";
import {
  type CborValue,
  type ContentType,
  type DestructionCertificate,
  type IngestKey,
  type Manifest,
  type PrivateEntry,
  type Receipt,
  COMMITMENT_LABELS,
  CONTENT_TYPES,
  commit,
  createSign1,
  decodeCbor,
  decodeEnvelope,
  decodeLeaf,
  decodeOpening,
  encodeCbor,
  encodeEnvelope,
  encodeLeaf,
  encodeOpening,
  entryDetails,
  newOpening,
  opensCommitment,
  parseDestruction,
  parseIngestKey,
  parseManifest,
  parseReceipt,
  partFromRow,
  partToRow,
  readPrivateEntry,
  signDestruction,
  signIngestKey,
  signManifest,
  signReceipt,
  verifySign1,
} from "../src/index.ts";
import { type TestKeys, hashOf, idOf, newKeys, partOf } from "./journal-fixture.ts";

let keys: TestKeys;
beforeAll(async () => {
  keys = await newKeys();
});

const subject = { force: idOf(1), camera: idOf(2), recording: idOf(3), number: 4, identity: hashOf(5) };
const manifest: Manifest = {
  ...subject,
  format: "cmaf",
  verdict: "verified",
  receivedAtMs: 1,
  parts: [partToRow({ ...partOf(0), startMs: 0, durationMs: 0 })],
  recordedStartMs: -1,
  recordedEndMs: null,
  clock: "bounded",
  seal: hashOf(6),
  object: "masters/3",
};
const receipt: Receipt = {
  ...subject,
  parts: 1,
  lengthBytes: 2,
  storedBytes: 3,
  verdict: "unattested",
  receivedAtMs: 4,
  manifest: hashOf(7),
  entry: new Uint8Array(60),
  proof: "c2sp.org/tlog-proof@v1\n",
};
const destruction: DestructionCertificate = {
  ...subject,
  orderedAtMs: 1,
  keyDestroyedAtMs: 2,
  objectsDestroyedAtMs: 3,
  noBackupAfterMs: 4,
  rule: { class: "non-evidential", version: 1, periodDays: 31, citation: "MoPI" },
  dueAtMs: 5,
  entry: new Uint8Array(60),
  proof: "c2sp.org/tlog-proof@v1\n",
};
const ingestKey: IngestKey = {
  force: idOf(1),
  keyId: idOf(2),
  publicKey: new Uint8Array(65).fill(4),
  notBeforeMs: 1,
  notAfterMs: 2,
};

interface Kind {
  readonly type: ContentType;
  readonly value: Record<string, CborValue>;
  readonly sign: () => Promise<Uint8Array>;
  readonly parse: (bytes: Uint8Array) => { value: unknown; sign1: Parameters<typeof verifySign1>[0] };
}
const kinds: [string, Kind][] = [
  [
    "manifest",
    {
      type: CONTENT_TYPES.manifest,
      value: { ...manifest },
      sign: () => signManifest(manifest, keys.signer),
      parse: parseManifest,
    },
  ],
  [
    "receipt",
    {
      type: CONTENT_TYPES.receipt,
      value: { ...receipt },
      sign: () => signReceipt(receipt, keys.signer),
      parse: parseReceipt,
    },
  ],
  [
    "certificate of destruction",
    {
      type: CONTENT_TYPES.destructionCertificate,
      value: { ...destruction },
      sign: () => signDestruction(destruction, keys.signer),
      parse: parseDestruction,
    },
  ],
  [
    "ingest key",
    {
      type: CONTENT_TYPES.ingestKey,
      value: { ...ingestKey },
      sign: () => signIngestKey(ingestKey, keys.signer),
      parse: (bytes) => {
        const { key, sign1 } = parseIngestKey(bytes);
        return { value: key, sign1 };
      },
    },
  ],
];
const custodyError = expect.objectContaining({
  name: "CustodyError",
  message: expect.stringMatching(/[.]$/) as unknown,
}) as Error;

describe.each(kinds)("a %s", (_, { type, value, sign, parse }) => {
  it("is read as it was signed", async () => {
    const { value: read, sign1 } = parse(await sign());
    expect(read).toEqual(value);
    expect(await verifySign1(sign1, keys.publicKey)).toBe(true);
  });

  it("is not read with a field missing, added, or of another type", async () => {
    const signed = (fields: CborValue) => createSign1(type, encodeCbor(fields), keys.signer);
    for (const name of Object.keys(value)) {
      const rest = Object.fromEntries(Object.entries(value).filter(([key]) => key !== name));
      const bytes = await signed(rest);
      expect(() => parse(bytes)).toThrow(custodyError);
      for (const wrong of [true, -1, "x".repeat(70_000), [[]], { a: 1 }, new Uint8Array(1100)]) {
        const other = await signed({ ...value, [name]: wrong });
        const allowed = wrong === -1 && name.startsWith("recorded");
        if (allowed) expect(parse(other).value).toEqual({ ...value, [name]: wrong });
        else expect(() => parse(other)).toThrow(custodyError);
      }
    }
    const more = await signed({ ...value, more: 1 });
    expect(() => parse(more)).toThrow(custodyError);
    const list = await signed([1]);
    expect(() => parse(list)).toThrow(custodyError);
  });

  it("is no other structure, though its signature is good", async () => {
    const bytes = await sign();
    for (const [, other] of kinds)
      if (other.type !== type) expect(() => other.parse(bytes)).toThrow(/signed as/);
  });
});

describe("an envelope", () => {
  const envelope = { keyId: idOf(1), enc: new Uint8Array(65), ciphertext: new Uint8Array(48) };
  it("is read as written, and in its exact sizes only", () => {
    expect(decodeEnvelope(encodeEnvelope(envelope))).toEqual(envelope);
    for (const wrong of [
      { keyId: idOf(1).subarray(1) },
      { enc: new Uint8Array(64) },
      { ciphertext: new Uint8Array(49) },
      { more: 1 },
    ]) {
      const bytes = encodeCbor({ ...envelope, ...wrong });
      expect(() => decodeEnvelope(bytes)).toThrow(custodyError);
    }
  });
});

describe("a commitment", () => {
  const details = { officer: "HJB", collarNumber: "1234" };
  it("is opened by its own opening under its own label, and by nothing else", async () => {
    const opening = newOpening(details);
    const commitment = await commit(COMMITMENT_LABELS.journal, opening);
    expect(
      await opensCommitment(COMMITMENT_LABELS.journal, decodeOpening(encodeOpening(opening)), commitment),
    ).toBe(true);
    expect(await opensCommitment(COMMITMENT_LABELS.ledger, opening, commitment)).toBe(false);
    expect(await opensCommitment(COMMITMENT_LABELS.journal, newOpening(details), commitment)).toBe(false);
    const other = { ...opening, details: { ...details, officer: "HJC" } };
    expect(await opensCommitment(COMMITMENT_LABELS.journal, other, commitment)).toBe(false);
    expect(await opensCommitment(COMMITMENT_LABELS.journal, opening, commitment.subarray(1))).toBe(false);
  });

  it("takes only {salt, details} for an opening", () => {
    const salt = hashOf(1);
    for (const wrong of [
      { salt },
      { details },
      { salt: salt.subarray(1), details },
      { salt, details: [] },
      { salt, details: salt },
      { salt, details, more: 1 },
      [],
    ]) {
      const bytes = encodeCbor(wrong);
      expect(() => decodeOpening(bytes)).toThrow(custodyError);
    }
  });
});

describe("a ledger leaf", () => {
  const entry: PrivateEntry = {
    force: idOf(1),
    event: "recording-collected",
    atMs: 3_600_000 * 7 + 3_599_999,
    actor: { device: idOf(2) },
    recording: idOf(3),
    data: { identity: hashOf(4) },
  };

  it("shows the kind, the whole hour and the commitment, and nothing else", async () => {
    const opening = newOpening(entryDetails(entry));
    const leaf = decodeLeaf(await encodeLeaf(opening));
    expect(leaf).toEqual({
      kind: "collected",
      hour: 7,
      commitment: await commit(COMMITMENT_LABELS.ledger, opening),
    });
    expect(readPrivateEntry(decodeOpening(encodeOpening(opening)).details)).toEqual(entry);
  });

  it.each([
    ["recording-destroyed", "destroyed"],
    ["hold-placed", "other"],
    ["recording-collected ", "other"],
    ["destroy-ordered", "other"],
  ])("of %s is “%s”", async (event, kind) => {
    expect(decodeLeaf(await encodeLeaf(newOpening(entryDetails({ ...entry, event })))).kind).toBe(kind);
  });

  it("and its private entry are refused in any other shape", () => {
    for (const wrong of [
      { ...entry, actor: [] },
      { ...entry, actor: new Uint8Array() },
      { ...entry, data: [] },
      { ...entry, actor: { person: hashOf(1) } },
      { ...entry, more: 1 },
    ]) {
      expect(() => readPrivateEntry(decodeCbor(encodeCbor(wrong as never), "It"))).toThrow(custodyError);
    }
    for (const wrong of [
      { kind: "held", hour: 1, commitment: hashOf(1) },
      { kind: "other", hour: -1, commitment: hashOf(1) },
      { kind: "other", hour: 1 },
    ]) {
      const bytes = encodeCbor(wrong);
      expect(() => decodeLeaf(bytes)).toThrow(custodyError);
    }
  });
});

describe("a row of a manifest", () => {
  it("is its part", () => {
    const part = { ...partOf(3), startMs: 4, durationMs: 5 };
    expect(partFromRow(partToRow(part))).toEqual(part);
  });
});
