// One flipped bit anywhere, and any other damage: never intact, never a crash.
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { splitCborSequence } from "../src/cbor-sequence.ts";
import { type Report, verifyExport } from "../src/index.ts";
import { type BuiltExport, type Files, buildExport, withFolder } from "./build-export.ts";
import { type Force, NOW_MS, newForce } from "./force-fixture.ts";

/** Files of which no check depends: the text for people, and the anchor that is there for convenience only. */
const UNCHECKED = new Set(["README.txt", "certificates/anchor.pem"]);

let force: Force;
let built: BuiltExport;
let names: string[];

beforeAll(async () => {
  force = await newForce();
  built = await buildExport(force, { fragments: 3, destroyed: true });
  names = [...built.files.keys()].filter((name) => !UNCHECKED.has(name));
});

async function verify(files: Files): Promise<Report> {
  return withFolder(files, (folder) => verifyExport(folder, { anchors: [force.anchor], nowMs: NOW_MS }));
}

function withBit(name: string, bit: number): Files {
  const files = new Map(built.files);
  const bytes = (files.get(name) ?? new Uint8Array(1)).slice();
  const at = (bit >> 3) % bytes.length;
  bytes[at] = (bytes[at] ?? 0) ^ (1 << (bit & 7));
  return files.set(name, bytes);
}

describe("one flipped bit", () => {
  it("is the only thing wrong: the export is intact without it", async () => {
    expect((await verify(built.files)).overall).toBe("intact");
  });

  it("in README or the copy of the anchor changes nothing", async () => {
    for (const name of UNCHECKED) expect((await verify(withBit(name, 77))).overall, name).toBe("intact");
  });

  it("anywhere else is never intact", async () => {
    const anywhere = fc.tuple(fc.nat({ max: names.length - 1 }), fc.nat({ max: 2 ** 24 }));
    await fc.assert(
      fc.asyncProperty(anywhere, async ([file, bit]) => {
        const name = names[file] ?? "";
        const { overall } = await verify(withBit(name, bit));
        expect(overall, `${name}, bit ${bit}`).not.toBe("intact");
      }),
      { numRuns: 100 },
    );
  }, 120_000);

  it("in the recording names the part it is in", async () => {
    const ends = built.parts.map((_, index) =>
      built.parts.slice(0, index + 1).reduce((total, part) => total + part.length, 0),
    );
    const sizeBytes = ends.at(-1) ?? 0;
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: sizeBytes * 8 - 1 }), async (bit) => {
        const report = await verify(withBit("recording.mp4", bit));
        const index = ends.findIndex((end) => bit >> 3 < end);
        // In a length, the bit also makes something foreign of what stands behind it.
        const told = report.checks.find(({ id }) => id === "parts")?.parts ?? [];
        const named = told.filter((part) => part.index !== null);
        expect(report.overall).toBe("altered");
        expect(named.map((part) => [part.index, part.state])).toEqual([[index, "altered"]]);
      }),
      { numRuns: 40 },
    );
  }, 60_000);
});

describe("damage of any kind", () => {
  it("in every file, alone and together, is never intact and never a crash", async () => {
    const damage = fc.record({
      name: fc.nat(),
      how: fc.constantFrom("replace", "cut", "insert", "overwrite", "swap"),
      at: fc.nat(),
      bytes: fc.uint8Array({ minLength: 1, maxLength: 40 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(damage, { minLength: 1, maxLength: 3 }), async (damages) => {
        const files = new Map(built.files);
        for (const { name: which, how, at, bytes } of damages) {
          const name = names[which % names.length] ?? "";
          const other = names[at % names.length] ?? "";
          const old = files.get(name) ?? new Uint8Array();
          files.set(name, damaged(old, how, at, bytes, files.get(other) ?? bytes));
        }
        const same = names.every(
          (name) => Buffer.compare(files.get(name) ?? bytesOf(1), built.files.get(name) ?? bytesOf(1)) === 0,
        );
        const report = await verify(files);
        if (!same && !onlyFewerOpenings(files)) expect(report.overall).not.toBe("intact");
        expect(report.checks.length).toBeGreaterThanOrEqual(11);
        expect(report.sentence.length).toBeGreaterThan(20);
      }),
      { numRuns: 70 },
    );
  }, 120_000);

  it("by arbitrary bytes in place of a file is never intact", async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.uint8Array({ maxLength: 400 }), async (which, bytes) => {
        const name = names[which % names.length] ?? "";
        // No openings at all is what a recipient gets who may see none.
        fc.pre(name !== "openings.cbor" || bytes.length > 0);
        expect((await verify(new Map(built.files).set(name, bytes))).overall, name).not.toBe("intact");
      }),
      { numRuns: 50 },
    );
  }, 120_000);
});

/** Whoever may see less gets fewer openings: a cut between two of them is no damage. */
function onlyFewerOpenings(files: Files): boolean {
  const original = built.files.get("openings.cbor") ?? bytesOf(0);
  const now = files.get("openings.cbor") ?? bytesOf(0);
  const others = names.filter((name) => name !== "openings.cbor");
  const isPrefix = Buffer.compare(original.subarray(0, now.length), now) === 0;
  return isPrefix && others.every((name) => files.get(name) === built.files.get(name));
}

function bytesOf(length: number): Uint8Array {
  return new Uint8Array(length);
}

function damaged(old: Uint8Array, how: string, at: number, bytes: Uint8Array, other: Uint8Array): Uint8Array {
  const from = old.length === 0 ? 0 : at % old.length;
  switch (how) {
    case "replace":
      return bytes;
    case "cut":
      return old.slice(0, from);
    case "insert":
      return Uint8Array.from([...old.subarray(0, from), ...bytes, ...old.subarray(from)]);
    case "swap":
      return other;
    default: {
      const copy = old.slice();
      copy.set(bytes.subarray(0, copy.length - from), from);
      return copy;
    }
  }
}

describe("a CBOR sequence", () => {
  it("given as any bytes is split without loss or refused", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          const items = splitCborSequence(bytes, 1000);
          expect(Buffer.concat(items)).toEqual(Buffer.from(bytes));
        } catch (error) {
          expect(error).toMatchObject({ name: "CustodyError" });
        }
      }),
    );
  });

  it("nested without end is refused", () => {
    expect(() => splitCborSequence(new Uint8Array(100_000).fill(0x81), 1000)).toThrow(/damaged/);
    expect(() => splitCborSequence(Uint8Array.of(0x9b, 0, 0, 0, 1, 0, 0, 0, 0), 10)).toThrow(/damaged/);
    expect(() => splitCborSequence(new Uint8Array(100), 10)).toThrow(/damaged/);
  });
});
