// The three forms in which a personal opening lies beside its journal entry (evidence format §6): under its recording's
// key; as the camera sent it, under a key in an envelope; and as the server keeps that, its key wrapped anew.
import {
  CustodyError,
  decodeCbor,
  decodeEnvelope,
  encodeCbor,
  type CborValue,
  type Envelope,
} from "@sworn/custody";
import { WRAPPED_KEY_BYTES } from "@sworn/vault";

export type SealedForm =
  | { readonly form: "recording"; readonly recording: Uint8Array; readonly floe: Uint8Array }
  | { readonly form: "envelope"; readonly envelope: Envelope; readonly floe: Uint8Array }
  /** `key`: an id of the key ring. `wrapped`: the key of `floe`, under it (RFC 3394). */
  | {
      readonly form: "wrapped";
      readonly key: string;
      readonly wrapped: Uint8Array;
      readonly floe: Uint8Array;
    };

export type WrappedForm = Extract<SealedForm, { form: "wrapped" }>;

export function encodeWrapped({ key, wrapped, floe }: WrappedForm): Uint8Array {
  return encodeCbor({ key, wrapped, floe });
}

/** @throws CustodyError for anything else than the three forms */
export function readSealedForm(bytes: Uint8Array): SealedForm {
  const value = decodeCbor(bytes, "A sealed opening");
  if (typeof value !== "object" || value === null || !("floe" in value)) throw malformed();
  const { floe } = value;
  if (!(floe instanceof Uint8Array)) throw malformed();
  const fields = Object.keys(value).length;
  if ("recording" in value && fields === 2) {
    const { recording } = value;
    if (recording instanceof Uint8Array && recording.length === 16)
      return { form: "recording", recording, floe };
  }
  if ("envelope" in value && fields === 2) {
    return {
      form: "envelope",
      envelope: decodeEnvelope(encodeCbor(value.envelope as CborValue)),
      floe,
    };
  }
  if ("key" in value && "wrapped" in value && fields === 3) {
    const { key, wrapped } = value;
    const isWrapped = wrapped instanceof Uint8Array && wrapped.length === WRAPPED_KEY_BYTES;
    if (typeof key === "string" && isWrapped) return { form: "wrapped", key, wrapped, floe };
  }
  throw malformed();
}

function malformed(): CustodyError {
  return new CustodyError("shape-mismatch", "A sealed opening is in none of the forms of the format.");
}
