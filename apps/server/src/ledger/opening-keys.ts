// The private entries' encryption: one key a month and force in the key ring, each opening one FLOE ciphertext
// whose associated data is its public leaf, so that it opens at its own place only.
import { type Opening, decodeOpening, encodeCbor, encodeOpening, formatId } from "@sworn/custody";
import { type KeyRing, decryptFloe, encryptFloe } from "@sworn/vault";
import { LedgerFault } from "./ledger-error.ts";

/** The part of the key ring that is needed here. */
export type OpeningKeyRing = Pick<KeyRing, "get" | "put">;

export interface SealedOpening {
  readonly keyId: string;
  readonly sealed: Uint8Array;
}

const associated = (force: Uint8Array, leaf: Uint8Array): Uint8Array =>
  encodeCbor(["sworn/ledger-opening/v1", force, leaf]);

export class OpeningKeys {
  readonly #ring: OpeningKeyRing;
  readonly #known = new Map<string, Promise<Uint8Array>>();

  constructor(ring: OpeningKeyRing) {
    this.#ring = ring;
  }

  async seal(force: Uint8Array, opening: Opening, leaf: Uint8Array, atMs: number): Promise<SealedOpening> {
    const keyId = `ledger/${formatId(force)}/${new Date(atMs).toISOString().slice(0, 7)}`;
    const key = await this.#key(keyId, true);
    const sealed = encryptFloe({
      key,
      associatedData: associated(force, leaf),
      plaintext: encodeOpening(opening),
    });
    return { keyId, sealed };
  }

  /** @throws LedgerFault `ledger-entry-unknown` when the key was destroyed; VaultError for altered bytes */
  async open(force: Uint8Array, leaf: Uint8Array, { keyId, sealed }: SealedOpening): Promise<Opening> {
    const key = await this.#key(keyId, false);
    return decodeOpening(decryptFloe({ key, associatedData: associated(force, leaf), ciphertext: sealed }));
  }

  async #key(id: string, make: boolean): Promise<Uint8Array> {
    const known = this.#known.get(id);
    if (known) return known;
    const loading = this.#load(id, make);
    this.#known.set(id, loading);
    loading.catch(() => this.#known.delete(id));
    return loading;
  }

  async #load(id: string, make: boolean): Promise<Uint8Array> {
    const stored = await this.#ring.get(id);
    if (stored.kind === "key") return stored.key;
    if (stored.kind === "destroyed" || !make) {
      throw new LedgerFault(
        "ledger-entry-unknown",
        "The key of this entry was destroyed at the end of its period.",
      );
    }
    const key = crypto.getRandomValues(new Uint8Array(32));
    const put = await this.#ring.put(id, key);
    if (put.kind === "stored" || put.kind === "present") return key;
    // Another process made this month's key first: that one is the key.
    return this.#load(id, false);
  }
}
