/**
 * The text form of a signed note (c2sp.org/signed-note, "Format").
 *
 * Guarantees: strict both ways. Parsing answers only notes that {@link encodeNote} gives back byte for byte.
 * Says nothing of who signed: a parsed note is not a verified one.
 */
import { decodeBase64, decodeText, encodeBase64, encodeText } from "./bytes.ts";
import { LedgerError, refuse } from "./error.ts";
import type { Parsed, Refusal } from "./error.ts";
import { isKeyName } from "./note-key.ts";

export interface NoteSignature {
  readonly name: string;
  /** 32 bits, unsigned. */
  readonly keyId: number;
  /** What follows the key id: for a cosignature, the timestamp and the signature proper. */
  readonly signature: Uint8Array;
}

export interface Note {
  /** Ends with a newline. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

/** The standard asks for at least 16 signatures of up to 5 kB. */
export const MAX_NOTE_BYTES = 1_048_576;
export const MAX_NOTE_SIGNATURES = 100;

const KEY_ID_BYTES = 4;
const SIGNATURE_LINE = /^\u2014 ([^ ]+) ([A-Za-z0-9+/=]+)$/u;

const CONTROL = /[\u0000-\u0009\u000b-\u001f]/;

/** The text, an empty line, a line for each signature. @throws LedgerError `invalid-argument`. */
export function encodeNote(note: Note): string {
  requireNoteText(note.text);
  const lines = note.signatures.map(encodeSignatureLine);
  if (lines.length < 1 || lines.length > MAX_NOTE_SIGNATURES) {
    throw new LedgerError(
      "invalid-argument",
      `a note has 1 to ${MAX_NOTE_SIGNATURES} signatures, not ${lines.length}`,
    );
  }
  return `${note.text}\n${lines.join("")}`;
}

/** Parses untrusted bytes or text. */
export function parseNote(input: Uint8Array | string): Parsed<Note> {
  if (input.length > MAX_NOTE_BYTES) return malformed(`the note is longer than ${MAX_NOTE_BYTES} bytes`);
  const whole = typeof input === "string" ? input : decodeText(input);
  if (whole === undefined || !whole.isWellFormed()) return malformed("the note is not valid UTF-8");
  if (CONTROL.test(whole)) return malformed("the note has control characters");
  // The last empty line divides text and signatures; the text may have empty lines of its own.
  const divide = whole.lastIndexOf("\n\n");
  if (divide < 0) return malformed("the note has no empty line before its signatures");
  const lines = whole.slice(divide + 2).split("\n");
  if (lines.pop() !== "") return malformed("the note does not end with a newline");
  if (lines.length === 0) return malformed("the note has no signatures");
  if (lines.length > MAX_NOTE_SIGNATURES)
    return malformed(`the note has more than ${MAX_NOTE_SIGNATURES} signatures`);
  const signatures = lines.map(parseSignatureLine);
  const broken = signatures.findIndex((signature) => signature === undefined);
  if (broken >= 0) return malformed(`signature line ${broken + 1} is not an em dash, a name and base64`);
  return {
    ok: true,
    value: {
      text: whole.slice(0, divide + 1),
      signatures: signatures.filter((signature) => signature !== undefined),
    },
  };
}

/** `— <name> <base64(key id || signature)>` and a newline. @throws LedgerError `invalid-argument`. */
export function encodeSignatureLine({ name, keyId, signature }: NoteSignature): string {
  if (!isKeyName(name) || signature.length === 0) {
    throw new LedgerError("invalid-argument", "a signature line needs a valid key name and a signature");
  }
  const bytes = new Uint8Array(KEY_ID_BYTES + signature.length);
  new DataView(bytes.buffer).setUint32(0, keyId);
  bytes.set(signature, KEY_ID_BYTES);
  return `\u2014 ${name} ${encodeBase64(bytes)}\n`;
}

/** @throws LedgerError `invalid-argument` unless `text` can be the text of a note. */
export function requireNoteText(text: string): void {
  const tooLong = text.length > MAX_NOTE_BYTES || encodeText(text).length > MAX_NOTE_BYTES;
  if (!text.endsWith("\n") || !text.isWellFormed() || CONTROL.test(text) || tooLong) {
    throw new LedgerError(
      "invalid-argument",
      "a note's text ends with a newline and has no other control character",
    );
  }
}

function parseSignatureLine(line: string): NoteSignature | undefined {
  const [, name, base64] = SIGNATURE_LINE.exec(line) ?? [];
  if (name === undefined || base64 === undefined || !isKeyName(name)) return undefined;
  const bytes = decodeBase64(base64);
  if (bytes === undefined || bytes.length <= KEY_ID_BYTES) return undefined;
  return { name, keyId: new DataView(bytes.buffer).getUint32(0), signature: bytes.slice(KEY_ID_BYTES) };
}

function malformed(message: string): Refusal {
  return refuse("malformed-note", message);
}
