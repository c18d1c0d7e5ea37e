// The chain: whatever is done to a journal on its way is named, at its entry.
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import {
  type ChainHead,
  type ChainProblem,
  type ChainStep,
  ChainVerifier,
  describeChainProblem,
  entryHash,
  equalBytes,
  parseEntry,
  signEntry,
} from "../src/index.ts";
import {
  type SignedEntry,
  type TestKeys,
  hashOf,
  idOf,
  newKeys,
  shortLife,
  signAll,
} from "./journal-fixture.ts";

const recording = idOf(40);
let keys: TestKeys;
let journal: Uint8Array[];
let signed: SignedEntry[];

beforeAll(async () => {
  keys = await newKeys();
  signed = await signAll(shortLife(recording, { parts: 4, identity: hashOf(5) }).entries, keys.signer);
  journal = signed.map(({ bytes }) => bytes);
});

function verifier(head: ChainHead | null | "anywhere" = null): ChainVerifier {
  const known = (hash: Uint8Array) => (equalBytes(hash, keys.signer.certificateHash) ? keys.publicKey : null);
  return new ChainVerifier(head, { camera: idOf(1), publicKey: known });
}

/** The first problem, and at which place it was found. */
async function firstProblem(
  entries: readonly Uint8Array[],
  head: ChainHead | null | "anywhere" = null,
): Promise<[number, ChainProblem["kind"]] | null> {
  const chain = verifier(head);
  for (const [index, bytes] of entries.entries()) {
    const step: ChainStep = await chain.next(bytes);
    if (step.kind === "ok") continue;
    expect(describeChainProblem(step.problem)).toMatch(/[.]$/);
    return [index, step.problem.kind];
  }
  return null;
}

const at = (index: number): Uint8Array => journal[index] ?? new Uint8Array();

describe("a whole journal", () => {
  it("verifies, entry after entry, and ends at its head", async () => {
    const chain = verifier();
    for (const [index, bytes] of journal.entries()) {
      const step = await chain.next(bytes);
      expect(step).toMatchObject({ kind: "ok", head: { sequence: index }, entry: { sequence: index } });
      if (step.kind === "ok") expect(step.hash).toEqual(await entryHash(bytes));
    }
  });

  it("can go on from a head, and an extract from anywhere", async () => {
    const head = { sequence: 3, hash: await entryHash(at(3)) };
    expect(await firstProblem(journal.slice(4), head)).toBeNull();
    expect(await firstProblem(journal.slice(4), "anywhere")).toBeNull();
    expect(await firstProblem(journal.slice(4))).toEqual([0, "gap"]);
  });

  it("reads back what was signed", () => {
    const entries = shortLife(recording, { parts: 4, identity: hashOf(5) }).entries;
    for (const [index, { entry }] of signed.entries())
      expect({ ...entry, previous: null }).toEqual({ ...entries[index], previous: null });
  });
});

describe("what is done to it", () => {
  it("names every flipped bit of every entry, at that entry", { timeout: 60_000 }, async () => {
    for (const [index, bytes] of journal.entries()) {
      const head = index === 0 ? null : { sequence: index - 1, hash: await entryHash(at(index - 1)) };
      for (let bit = 0; bit < bytes.length * 8; bit++) {
        const flipped = Uint8Array.from(bytes);
        flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect(await firstProblem([flipped], head)).not.toBeNull();
      }
    }
  });

  it("names a dropped, a doubled and two exchanged entries", async () => {
    for (let index = 0; index < journal.length - 1; index++) {
      expect(await firstProblem(journal.toSpliced(index, 1))).toEqual([index, "gap"]);
      expect(await firstProblem(journal.toSpliced(index, 0, at(index)))).toEqual([index + 1, "gap"]);
      expect(await firstProblem(journal.with(index, at(index + 1)).with(index + 1, at(index)))).toEqual([
        index,
        "gap",
      ]);
    }
  });

  it("names any other order", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray(
          journal.map((_, index) => index),
          { minLength: 1 },
        ),
        async (order) => {
          const kept = order.every((index, place) => index === place);
          expect((await firstProblem(order.map(at))) === null).toBe(kept);
        },
      ),
      { numRuns: 60 },
    );
  });

  it("names an entry of another camera, and one under another key", async () => {
    const place = signed[4]?.entry;
    if (!place) throw new Error("no entry");
    const foreign = await signEntry({ ...place, camera: idOf(99) }, keys.signer);
    expect(await firstProblem(journal.with(4, foreign))).toEqual([4, "wrong-camera"]);
    const thief = await newKeys();
    expect(await firstProblem(journal.with(4, await signEntry(place, thief.signer)))).toEqual([
      4,
      "unknown-certificate",
    ]);
    const pretending = { ...thief.signer, certificateHash: keys.signer.certificateHash };
    expect(await firstProblem(journal.with(4, await signEntry(place, pretending)))).toEqual([
      4,
      "bad-signature",
    ]);
  });

  it("names a spliced history: the entries of another life of the same camera", async () => {
    const other = shortLife(recording, { parts: 4, identity: hashOf(6) });
    other.entries.splice(2, 1, {
      ...(other.entries[2] ?? other.entries[0]),
      body: { prerecordMs: 1 },
    } as never);
    const another = (await signAll(other.entries, keys.signer)).map(({ bytes }) => bytes);
    for (let cut = 3; cut < journal.length; cut++) {
      expect(await firstProblem([...journal.slice(0, cut), ...another.slice(cut)])).toEqual([
        cut,
        "broken-link",
      ]);
    }
  });

  it("names the same entry signed again: its bytes are others, and what follows names the first", async () => {
    const entry = signed[4]?.entry;
    if (!entry) throw new Error("no entry");
    expect(await firstProblem(journal.with(4, await signEntry(entry, keys.signer)))).toEqual([
      5,
      "broken-link",
    ]);
  });

  it("names a monotonic clock that runs backwards, within a boot only", async () => {
    const life = shortLife(recording, { parts: 4, identity: hashOf(5) });
    const backwards = life.entries.map((entry) =>
      entry.sequence === 6 ? { ...entry, monotonicMs: 1 } : entry,
    );
    const bytes = (await signAll(backwards, keys.signer)).map((entry) => entry.bytes);
    expect(await firstProblem(bytes)).toEqual([6, "clock-backwards"]);
    const cut = shortLife(recording, { parts: 4, identity: hashOf(5) }).reboot(12, true);
    expect(
      await firstProblem((await signAll(cut.entries, keys.signer)).map((entry) => entry.bytes)),
    ).toBeNull();
  });

  it("takes a wall clock that jumps anywhere: it is evidence, not truth", async () => {
    const life = shortLife(recording, { parts: 4, identity: hashOf(5) });
    const jumping = life.entries.map((entry) => ({ ...entry, wallMs: entry.sequence % 2 ? -1e12 : 4e12 }));
    expect(await firstProblem((await signAll(jumping, keys.signer)).map((entry) => entry.bytes))).toBeNull();
  });

  it("keeps its head after a problem, so that the right entry still follows", async () => {
    const chain = verifier();
    await chain.next(at(0));
    expect(await chain.next(at(2))).toMatchObject({
      kind: "problem",
      problem: { kind: "gap", expected: 1, found: 2 },
    });
    expect(await chain.next(new Uint8Array([1, 2, 3]))).toMatchObject({
      problem: { kind: "malformed" },
      entry: null,
    });
    expect(await chain.next(at(1))).toMatchObject({ kind: "ok" });
  });
});

describe("parseEntry", () => {
  it("refuses an entry of more than 4096 bytes, and an unknown kind, and a body of another", async () => {
    const entry = signed[1]?.entry;
    if (!entry) throw new Error("no entry");
    expect(() => parseEntry(new Uint8Array(4097))).toThrow(/at most 4096/);
    const unknown = await signEntry({ ...entry, kind: "rebooted" } as never, keys.signer);
    expect(() => parseEntry(unknown)).toThrow(expect.objectContaining({ code: "unknown-entry-kind" }));
    const bodies = [
      {},
      [],
      new Uint8Array(),
      { cause: "button", clean: true, firmware: "1", more: 1 },
      { cause: "kicked", clean: true, firmware: "1" },
    ];
    for (const body of bodies) {
      const wrong = await signEntry({ ...entry, body } as never, keys.signer);
      expect(() => parseEntry(wrong)).toThrow(expect.objectContaining({ code: "shape-mismatch" }));
    }
  });
});
