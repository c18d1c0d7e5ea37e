import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { createSigner, encodeNote, MAX_NOTE_BYTES, parseNote, signNote, verifyNote } from "../src/index.ts";
import type { NoteSigner, NoteVerifier } from "../src/index.ts";
import {
  ENOCH_KEY,
  ENOCH_LINE,
  GO_TEXT,
  newSigner,
  PETER_KEY,
  PETER_LINE,
  PETER_SEED,
  privateKeyOfSeed,
  SPEC_COSIGNED,
  SPEC_KEY,
  SPEC_NOTE,
  verifier,
} from "./note-fixture.ts";

let peter: NoteVerifier;
let enoch: NoteVerifier;
let signer: NoteSigner;

beforeAll(async () => {
  peter = await verifier(PETER_KEY);
  enoch = await verifier(ENOCH_KEY);
  signer = await newSigner("sworn.example/log");
});

describe("published notes", () => {
  it("verify", async () => {
    const spec = await verifyNote(SPEC_NOTE, [await verifier(SPEC_KEY)]);
    expect(spec).toMatchObject({ ok: true, text: "This is an example message.\n", ignored: [] });
    const both = await verifyNote(`${GO_TEXT}\n${PETER_LINE}${ENOCH_LINE}`, [enoch, peter]);
    expect(both.ok && both.signedBy.map((signature) => signature.verifier.name)).toEqual([
      "PeterNeumann",
      "EnochRoot",
    ]);
  });

  it("are signed to the same bytes (note_test.go, TestSign)", async () => {
    const privateKey = await privateKeyOfSeed(PETER_SEED);
    const { publicKey, name } = peter;
    const author = await createSigner({ name, type: "ed25519", publicKey, privateKey });
    expect(await signNote(GO_TEXT, [author])).toBe(`${GO_TEXT}\n${PETER_LINE}`);
  });

  it("with an empty line in the text, and with cosignatures, parse and encode to themselves", () => {
    const spec =
      "Ognuno sta solo sul cuor della terra\ntrafitto da un raggio di sole:\n\ned è subito sera.\n\n— quasimodo.example/salvatore NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=\n";
    for (const text of [spec, SPEC_COSIGNED, SPEC_NOTE]) {
      const note = parseNote(new TextEncoder().encode(text));
      expect(note.ok && encodeNote(note.value)).toBe(text);
    }
  });
});

describe("verifyNote", () => {
  it("ignores unknown keys, also those that share only a name or only a key id", async () => {
    const verdict = await verifyNote(`${GO_TEXT}\n${PETER_LINE}${ENOCH_LINE}`, [peter]);
    expect(verdict).toMatchObject({ ok: true, ignored: [{ name: "EnochRoot", keyId: 0xaf0cfe78 }] });
    const renamed = PETER_LINE.replace("PeterNeumann", "CarmenSandiego");
    const other = PETER_LINE.replace("x08g", "xxxx");
    for (const line of [renamed, other]) {
      expect(await verifyNote(`${GO_TEXT}\n${line}`, [peter])).toMatchObject({
        ok: false,
        reason: "unsigned",
      });
      expect(await verifyNote(`${GO_TEXT}\n${line}${PETER_LINE}`, [peter])).toMatchObject({ ok: true });
    }
  });

  it("refuses a note that nobody known signed", async () => {
    expect(await verifyNote(`${GO_TEXT}\n${PETER_LINE}`, [])).toMatchObject({
      ok: false,
      reason: "unsigned",
    });
  });

  it("refuses a bad or doubled signature of a known key, but not of an unknown one", async () => {
    const bad = `${PETER_LINE.slice(0, 60)}ABCD${PETER_LINE.slice(60)}`;
    expect(await verifyNote(`${GO_TEXT}\n${bad}`, [peter])).toMatchObject({
      ok: false,
      reason: "bad-signature",
    });
    const doubled = `${GO_TEXT}\n${PETER_LINE}${PETER_LINE}`;
    expect(await verifyNote(doubled, [peter])).toMatchObject({ ok: false, reason: "duplicate-signature" });
    const others = `${GO_TEXT}\n${PETER_LINE}${ENOCH_LINE}${ENOCH_LINE}`;
    expect(await verifyNote(others, [peter])).toMatchObject({ ok: true, ignored: [{}, {}] });
  });

  it("refuses to choose between two verifiers of the same name and id, where it matters", async () => {
    const twice = [enoch, peter, { ...enoch }];
    expect(await verifyNote(`${GO_TEXT}\n${ENOCH_LINE}`, twice)).toMatchObject({
      reason: "ambiguous-verifier",
    });
    expect(await verifyNote(`${GO_TEXT}\n${PETER_LINE}`, twice)).toMatchObject({ ok: true });
  });

  it("refuses a signed note with any one bit flipped", async () => {
    const signed = new TextEncoder().encode(await signNote("sworn.example/log\n12\n\nmore\n", [signer]));
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: signed.length * 8 - 1 }), async (bit) => {
        const flipped = signed.slice();
        const at = bit >> 3;
        flipped[at] = (flipped[at] ?? 0) ^ (1 << (bit & 7));
        expect((await verifyNote(flipped, [signer.verifier])).ok).toBe(false);
      }),
      { numRuns: 400 },
    );
  });

  it("verifies whatever text was signed, by every signer", async () => {
    const second = await newSigner("sworn.example/second");
    const text = fc.string({ unit: "grapheme" }).map((one) => `${one.replaceAll(/\p{Cc}/gu, "")}\n`);
    await fc.assert(
      fc.asyncProperty(fc.array(text, { minLength: 1 }), async (lines) => {
        const note = await signNote(lines.join(""), [signer, second]);
        const verdict = await verifyNote(note, [signer.verifier, second.verifier]);
        expect(verdict.ok && [verdict.text, verdict.signedBy.length]).toEqual([lines.join(""), 2]);
      }),
    );
  });
});

describe("parseNote", () => {
  it("refuses malformed notes (note_test.go, and what its standard forbids)", () => {
    const padded = PETER_LINE.replace("=\n", "==\n");
    const bad: (string | Uint8Array)[] = [
      "",
      "\n",
      "\n\n",
      GO_TEXT,
      `${GO_TEXT}\n`,
      `${GO_TEXT}\n${PETER_LINE.slice(0, -1)}`,
      `\u0001${GO_TEXT}\n${PETER_LINE}`,
      `a\r\n${GO_TEXT}\n${PETER_LINE}`,
      Uint8Array.of(0xff, ...new TextEncoder().encode(`${GO_TEXT}\n${PETER_LINE}`)),
      `\ud800${GO_TEXT}\n${PETER_LINE}`,
      `${GO_TEXT}\n— Bad Name x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAc=\n`,
      `${GO_TEXT}\n${PETER_LINE}Unexpected line.\n`,
      `${GO_TEXT}\n${PETER_LINE}\n`,
      `${GO_TEXT}\n- PeterNeumann x08go/ZJkuBS\n`,
      `${GO_TEXT}\n— PeterNeumann AAAA\n`,
      `${GO_TEXT}\n— PeterNeumann AAAAAA==\n`,
      `${GO_TEXT}\n— PeterNeumann AAAAAAB=\n`,
      `${GO_TEXT}\n${padded}`,
      `${GO_TEXT}\n${PETER_LINE.repeat(101)}`,
      "a".repeat(MAX_NOTE_BYTES + 1),
    ];
    for (const input of bad) {
      expect(parseNote(input), JSON.stringify(input).slice(-90)).toMatchObject({
        ok: false,
        code: "malformed-note",
      });
    }
  });

  it("accepts the hundred signatures that it must", () => {
    expect(parseNote(`${GO_TEXT}\n${PETER_LINE.repeat(100)}`).ok).toBe(true);
  });

  it("keeps a byte order mark, which is part of what was signed", () => {
    const note = parseNote(new TextEncoder().encode(`\ufeff${GO_TEXT}\n${PETER_LINE}`));
    expect(note.ok && note.value.text.startsWith("\ufeff")).toBe(true);
  });

  it("given anything, answers, and only with what encodes to it again", () => {
    const real = new TextEncoder().encode(SPEC_COSIGNED);
    const mutated = fc
      .tuple(fc.nat(), fc.uint8Array({ maxLength: 4 }), fc.nat({ max: 4 }))
      .map(([at, put, drop]) => {
        const from = at % real.length;
        return Uint8Array.of(...real.subarray(0, from), ...put, ...real.subarray(from + drop));
      });
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), mutated), (bytes) => {
        const note = parseNote(bytes);
        if (note.ok) expect(new TextEncoder().encode(encodeNote(note.value))).toEqual(bytes);
        else expect(note.code).toBe("malformed-note");
      }),
      { numRuns: 1000 },
    );
  });
});

describe("signNote", () => {
  it("refuses what cannot be a note, with the package's error", async () => {
    for (const text of ["", "abc", "a\tb\n", "a\r\n", "\ud800\n"]) {
      await expect(signNote(text, [signer])).rejects.toMatchObject({ code: "invalid-argument" });
    }
    await expect(signNote("abc\n", [])).rejects.toMatchObject({ code: "invalid-argument" });
    const cosigner = await newSigner("witness.example", "cosignature/v1");
    await expect(signNote("abc\n", [cosigner])).rejects.toMatchObject({ code: "invalid-argument" });
  });
});
