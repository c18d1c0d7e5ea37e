/**
 * Signing and cosigning notes (c2sp.org/signed-note, "Ed25519 signatures"; c2sp.org/tlog-cosignature).
 *
 * Guarantees: what is signed is exactly what {@link verifyNote} checks. A cosignature is only ever made over the text
 * of a checkpoint, with its time inside the signed message. Keys stay WebCrypto keys; none is exported.
 */
import { concatBytes, encodeText } from "./bytes.ts";
import type { Bytes } from "./bytes.ts";
import { parseCheckpoint } from "./checkpoint.ts";
import { LedgerError, requireCount } from "./error.ts";
import { encodeNote, parseNote, requireNoteText } from "./note.ts";
import type { Note, NoteSignature } from "./note.ts";
import { SIGNATURE_TYPES } from "./note-key.ts";
import type { NoteSigner } from "./note-key.ts";

export const TIMESTAMP_BYTES = 8;

/** A new note with one Ed25519 signature a signer. @throws LedgerError `invalid-argument`, `unusable-key`. */
export async function signNote(text: string, signers: readonly NoteSigner[]): Promise<string> {
  requireNoteText(text);
  const signatures: NoteSignature[] = [];
  for (const signer of signers) {
    if (SIGNATURE_TYPES[signer.verifier.type].timestamped) {
      throw new LedgerError(
        "invalid-argument",
        "a cosigning key signs with cosignCheckpoint, which states the time",
      );
    }
    signatures.push(await makeSignature(signer, encodeText(text), new Uint8Array(0)));
  }
  return encodeNote({ text, signatures });
}

/**
 * A witness's statement that, at `timestampSeconds` (POSIX time), this is the largest consistent tree it has seen.
 * The caller must have checked that: see c2sp.org/tlog-witness. Add it with {@link addSignatures}.
 * @throws LedgerError `invalid-argument` where the text is no checkpoint or the key no cosigning key.
 */
export async function cosignCheckpoint(
  text: string,
  signer: NoteSigner,
  timestampSeconds: number,
): Promise<NoteSignature> {
  requireCount(timestampSeconds, "the time of a cosignature");
  const checkpoint = parseCheckpoint(text);
  if (!checkpoint.ok) throw new LedgerError("invalid-argument", `not a checkpoint: ${checkpoint.message}`);
  if (!SIGNATURE_TYPES[signer.verifier.type].timestamped) {
    throw new LedgerError("invalid-argument", "a checkpoint is cosigned with a key of type cosignature/v1");
  }
  const timestamp = new Uint8Array(TIMESTAMP_BYTES);
  new DataView(timestamp.buffer).setBigUint64(0, BigInt(timestampSeconds));
  return makeSignature(signer, cosignedMessage(text, BigInt(timestampSeconds)), timestamp);
}

/** The note with signatures added; one by the same key replaces the older. @throws LedgerError `invalid-argument`. */
export function addSignatures(note: Note | string, added: readonly NoteSignature[]): string {
  const parsed = typeof note === "string" ? parseNote(note) : { ok: true as const, value: note };
  if (!parsed.ok) throw new LedgerError("invalid-argument", `not a note: ${parsed.message}`);
  const { text, signatures } = parsed.value;
  const kept = signatures.filter((old) => !added.some((fresh) => isSameKey(old, fresh)));
  return encodeNote({ text, signatures: [...kept, ...added] });
}

/** The bytes under a cosignature/v1: header line, time line, the whole note text. */
export function cosignedMessage(text: string, timestampSeconds: bigint): Bytes {
  return encodeText(`cosignature/v1\ntime ${timestampSeconds}\n${text}`);
}

/** Name and key id together identify the key (c2sp.org/signed-note, "Signatures"). */
export function isSameKey(
  a: { readonly name: string; readonly keyId: number },
  b: { readonly name: string; readonly keyId: number },
): boolean {
  return a.name === b.name && a.keyId === b.keyId;
}

async function makeSignature(signer: NoteSigner, message: Bytes, prefix: Bytes): Promise<NoteSignature> {
  const { name, keyId, type } = signer.verifier;
  try {
    const signature = await crypto.subtle.sign(SIGNATURE_TYPES[type].algorithm, signer.privateKey, message);
    return { name, keyId, signature: concatBytes(prefix, new Uint8Array(signature)) };
  } catch (cause) {
    throw new LedgerError("unusable-key", `the key of ${name} could not sign`, { cause });
  }
}
