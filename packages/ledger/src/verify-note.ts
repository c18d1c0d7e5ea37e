/**
 * Verification of a note's signatures (c2sp.org/signed-note, "Signatures"; c2sp.org/tlog-cosignature).
 *
 * Guarantees: signatures of unknown keys are ignored; every signature of a known key is checked, and one that fails,
 * or a second one of the same key, condemns the note. Without a good signature of a known key there is no text.
 */
import { concatBytes, encodeText } from "./bytes.ts";
import type { Bytes } from "./bytes.ts";
import { parseNote } from "./note.ts";
import type { NoteSignature } from "./note.ts";
import { SIGNATURE_TYPES } from "./note-key.ts";
import type { NoteVerifier } from "./note-key.ts";
import { cosignedMessage, isSameKey, TIMESTAMP_BYTES } from "./sign-note.ts";

export type NoteFault =
  | "malformed"
  /** Two of the given verifiers share name and key id: it cannot be said which one is meant. */
  | "ambiguous-verifier"
  | "duplicate-signature"
  | "bad-signature"
  /** None of the given verifiers signed. */
  | "unsigned";

export interface VerifiedSignature {
  readonly verifier: NoteVerifier;
  readonly signature: NoteSignature;
  /** When a cosignature says that it was made, in POSIX seconds; undefined for a plain signature. */
  readonly timestampSeconds: number | undefined;
}

export type NoteVerdict =
  | {
      readonly ok: true;
      readonly text: string;
      /** One a key, in the note's order. At least one. */
      readonly signedBy: readonly VerifiedSignature[];
      /** Signatures of unknown keys: not checked, and worth nothing. */
      readonly ignored: readonly NoteSignature[];
    }
  | { readonly ok: false; readonly reason: NoteFault; readonly message: string };

/** Which of `verifiers` signed this untrusted note. Never throws on what it is given to check. */
export async function verifyNote(
  input: Uint8Array | string,
  verifiers: readonly NoteVerifier[],
): Promise<NoteVerdict> {
  const note = parseNote(input);
  if (!note.ok) return fault("malformed", note.message);
  const { text, signatures } = note.value;
  const signedBy: VerifiedSignature[] = [];
  const ignored: NoteSignature[] = [];
  for (const signature of signatures) {
    const [verifier, second] = verifiers.filter((known) => isSameKey(known, signature));
    if (verifier === undefined) {
      ignored.push(signature);
      continue;
    }
    const { name } = verifier;
    if (second !== undefined) return fault("ambiguous-verifier", `two keys of ${name} have the same key id`);
    if (signedBy.some((earlier) => earlier.verifier === verifier)) {
      return fault("duplicate-signature", `the key of ${name} signed twice`);
    }
    const verdict = await checkSignature(text, signature, verifier);
    if (!verdict.ok) return fault("bad-signature", `the signature of ${name} does not verify`);
    signedBy.push({ verifier, signature, timestampSeconds: verdict.timestampSeconds });
  }
  if (signedBy.length === 0) return fault("unsigned", "none of the trusted keys signed this note");
  return { ok: true, text, signedBy, ignored };
}

async function checkSignature(
  text: string,
  { signature }: NoteSignature,
  verifier: NoteVerifier,
): Promise<{ readonly ok: false } | { readonly ok: true; readonly timestampSeconds: number | undefined }> {
  const { signatureBytes, algorithm, timestamped } = SIGNATURE_TYPES[verifier.type];
  if (signature.length !== signatureBytes) return { ok: false };
  if (!timestamped) {
    const ok = await verifySignature(algorithm, verifier.key, concatBytes(signature), encodeText(text));
    return ok ? { ok, timestampSeconds: undefined } : { ok };
  }
  const bytes = concatBytes(signature);
  const timestamp = new DataView(bytes.buffer).getBigUint64(0);
  // The standard allows up to 2^63 - 1; a time that a number cannot hold is some 285 million years off.
  if (timestamp > BigInt(Number.MAX_SAFE_INTEGER)) return { ok: false };
  const message = cosignedMessage(text, timestamp);
  const ok = await verifySignature(algorithm, verifier.key, bytes.slice(TIMESTAMP_BYTES), message);
  return ok ? { ok, timestampSeconds: Number(timestamp) } : { ok };
}

async function verifySignature(
  algorithm: string,
  key: CryptoKey,
  signature: Bytes,
  message: Bytes,
): Promise<boolean> {
  try {
    return await crypto.subtle.verify(algorithm, key, signature, message);
  } catch {
    return false;
  }
}

function fault(reason: NoteFault, message: string): NoteVerdict {
  return { ok: false, reason, message };
}
