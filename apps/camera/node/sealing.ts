// Encryption at the lens: each part under the recording's key, each opening under it or under a key of its own.
// A key leaves this module only inside an envelope to the force's ingest key (evidence format §5, §6).
import {
  OPENING_KEY_INFO,
  type Opening,
  RECORDING_KEY_INFO,
  encodeCbor,
  encodeEnvelope,
  encodeOpening,
  mediaAssociatedData,
  openingAssociatedData,
  openingKeyAssociatedData,
  recordingKeyAssociatedData,
} from "@sworn/custody";
import { encryptFloe, sealKey } from "@sworn/vault";
import type { Identity } from "./identity.ts";

/** The key of the recording in hand: in memory, and nowhere else in the clear. */
export class RecordingKey {
  readonly #key: Uint8Array;
  readonly #force: Uint8Array;
  readonly #recording: Uint8Array;
  /** As it is stored beside the media. */
  readonly envelope: Uint8Array;

  private constructor(key: Uint8Array, force: Uint8Array, recording: Uint8Array, envelope: Uint8Array) {
    this.#key = key;
    this.#force = force;
    this.#recording = recording;
    this.envelope = envelope;
  }

  static async make(identity: Identity, recording: Uint8Array): Promise<RecordingKey> {
    const key = crypto.getRandomValues(new Uint8Array(32));
    const associatedData = recordingKeyAssociatedData(identity.force, identity.camera, recording);
    const envelope = await envelopeOf(identity, key, { info: RECORDING_KEY_INFO, associatedData });
    return new RecordingKey(key, identity.force, recording, encodeEnvelope(envelope));
  }

  encryptPart(index: number, plaintext: Uint8Array): Uint8Array {
    const associatedData = mediaAssociatedData(this.#force, this.#recording, index);
    return plain(encryptFloe({ key: this.#key, associatedData, plaintext }));
  }

  sealOpening(opening: Opening, sequence: number): Uint8Array {
    const associatedData = openingAssociatedData(this.#force, this.#recording, sequence);
    const floe = plain(encryptFloe({ key: this.#key, associatedData, plaintext: encodeOpening(opening) }));
    return encodeCbor({ recording: this.#recording, floe });
  }

  /** Nothing more is encrypted under it. */
  forget(): void {
    this.#key.fill(0);
  }
}

/** An opening outside a recording: a fresh key for it alone, in an envelope. */
export async function sealLoneOpening(
  identity: Identity,
  opening: Opening,
  sequence: number,
): Promise<Uint8Array> {
  const { force, camera } = identity;
  const key = crypto.getRandomValues(new Uint8Array(32));
  const envelope = await envelopeOf(identity, key, {
    info: OPENING_KEY_INFO,
    associatedData: openingKeyAssociatedData(force, camera, sequence),
  });
  const associatedData = openingAssociatedData(force, camera, sequence);
  const floe = plain(encryptFloe({ key, associatedData, plaintext: encodeOpening(opening) }));
  key.fill(0);
  return encodeCbor({ envelope: { ...envelope }, floe });
}

/** The same bytes without the ways of a Buffer. */
function plain(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

async function envelopeOf(
  identity: Identity,
  recordingKey: Uint8Array,
  use: { readonly info: Uint8Array; readonly associatedData: Uint8Array },
): Promise<{ keyId: Uint8Array; enc: Uint8Array; ciphertext: Uint8Array }> {
  const { keyId, publicKey } = identity.ingestKey;
  const sealed = await sealKey({ ingestPublicKey: publicKey, recordingKey, ...use });
  return { keyId, enc: sealed.enc, ciphertext: sealed.ciphertext };
}
