// Every parser on any bytes, and on real structures that were mutated: CustodyError or a value, never anything else.
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import {
  CustodyError,
  concatBytes,
  decodeCbor,
  decodeEnvelope,
  decodeLeaf,
  decodeOpening,
  decodeSegment,
  decodeSequencedOpening,
  encodeEnvelope,
  encodeLeaf,
  encodeOpening,
  encodeOpenings,
  encodeSegment,
  newOpening,
  parseDestruction,
  parseEntry,
  parseIngestKey,
  parseManifest,
  parseReceipt,
  readSegment,
  signReceipt,
} from "../src/index.ts";
import { hashOf, idOf, newKeys, shortLife, signAll } from "./journal-fixture.ts";

const parsers: [string, (bytes: Uint8Array) => unknown][] = [
  ["decodeCbor", (bytes) => decodeCbor(bytes, "It")],
  ["decodeCbor with integer keys", (bytes) => decodeCbor(bytes, "It", "integer")],
  ["parseEntry", parseEntry],
  ["readSegment", readSegment],
  ["decodeSegment", decodeSegment],
  ["parseManifest", parseManifest],
  ["parseReceipt", parseReceipt],
  ["parseDestruction", parseDestruction],
  ["parseIngestKey", parseIngestKey],
  ["decodeEnvelope", decodeEnvelope],
  ["decodeOpening", decodeOpening],
  ["decodeSequencedOpening", decodeSequencedOpening],
  ["decodeLeaf", decodeLeaf],
];
const real: Uint8Array[] = [];

beforeAll(async () => {
  const { signer } = await newKeys();
  const journal = await signAll(shortLife(idOf(40), { parts: 4, identity: hashOf(1) }).entries, signer);
  real.push(...journal.map(({ bytes }) => bytes));
  real.push(
    encodeSegment(
      journal.map(({ bytes }, index) => ({ entry: bytes, opening: index % 2 ? hashOf(index) : null })),
    ),
  );
  const details = {
    force: idOf(1),
    event: "hold-placed",
    atMs: 5,
    actor: { system: "retention" },
    data: { list: [1, [2, null]] },
  };
  const opening = newOpening(details);
  real.push(encodeOpening(opening), encodeOpenings([{ sequence: 3, opening }]), await encodeLeaf(opening));
  real.push(encodeEnvelope({ keyId: idOf(1), enc: new Uint8Array(65), ciphertext: new Uint8Array(48) }));
  const subject = {
    force: idOf(1),
    camera: null,
    recording: idOf(2),
    number: null,
    identity: hashOf(3),
    verdict: "verified" as const,
  };
  const counts = { parts: 1, lengthBytes: 2, storedBytes: 3, receivedAtMs: 4 };
  real.push(
    await signReceipt(
      { ...subject, ...counts, manifest: hashOf(1), entry: hashOf(2), proof: "proof" },
      signer,
    ),
  );
});

/** Edits of bytes: overwrite, insert, remove, cut, double. */
const edit = fc.record({
  kind: fc.constantFrom("set", "insert", "remove", "cut", "double"),
  where: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
  bytes: fc.uint8Array({ minLength: 1, maxLength: 9 }),
});
function apply(
  bytes: Uint8Array,
  { kind, where, bytes: more }: { kind: string; where: number; bytes: Uint8Array },
): Uint8Array {
  const at = Math.floor(where * bytes.length);
  const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)];
  switch (kind) {
    case "set":
      return concatBytes([before, more, after.subarray(more.length)]);
    case "insert":
      return concatBytes([before, more, after]);
    case "remove":
      return concatBytes([before, after.subarray(more.length)]);
    case "cut":
      return before;
    default:
      return concatBytes([bytes, after]);
  }
}

function onlyCustodyErrors(parse: (bytes: Uint8Array) => unknown, bytes: Uint8Array): void {
  try {
    parse(bytes);
  } catch (error) {
    expect(error).toBeInstanceOf(CustodyError);
  }
}

describe.each(parsers)("%s", (_, parse) => {
  it("takes any bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        onlyCustodyErrors(parse, bytes);
      }),
      { numRuns: 500 },
    );
  });

  it("takes real structures, mutated", () => {
    fc.assert(
      fc.property(fc.nat(), fc.array(edit, { minLength: 1, maxLength: 3 }), (which, edits) => {
        onlyCustodyErrors(parse, edits.reduce(apply, real[which % real.length] ?? new Uint8Array()));
      }),
      { numRuns: 500 },
    );
  });
});
