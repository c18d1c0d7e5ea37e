// The keys that cameras seal recording keys to: one for each month, signed by the service, destroyed when it is long past.
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import {
  type Envelope,
  type IngestKey,
  type Signer,
  formatId,
  newId,
  parseIngestKey,
  signIngestKey,
} from "@sworn/custody";
import { type IngestKeyPair, generateIngestKeyPair, openKey } from "@sworn/vault";
import { removeDurably, writeNewDurably } from "../platform/durable-file.ts";
import { AuthorityError } from "./authority-error.ts";
import { readAuthorityFile } from "./key-files.ts";

const DAY_MS = 86_400_000;
/** A camera uses a key for a month; the next is made a week before that ends, so that docks always have one to give. */
const USE_MS = 31 * DAY_MS;
const RENEW_BEFORE_MS = 7 * DAY_MS;
/** A recording may lie in a drawer: the private key stays this long after the last use, then it is destroyed. */
export const INGEST_KEY_GRACE_MS = 93 * DAY_MS;
const BACKDATED_MS = DAY_MS;

interface StoredIngestKey {
  readonly key: IngestKey;
  readonly statement: Uint8Array;
}

/** The ingest keys of one force, below its authority's folder `ingest/`. */
export class IngestKeys {
  readonly #folder: string;
  readonly #force: Uint8Array;
  readonly #service: Signer;
  #making: Promise<StoredIngestKey> | null = null;

  constructor(folder: string, force: Uint8Array, service: Signer) {
    this.#folder = folder;
    this.#force = force;
    this.#service = service;
  }

  /** The signed statement of the key to use now; makes a key when there is none for long enough. */
  async current(nowMs: number): Promise<StoredIngestKey> {
    const newest = (await this.#list()).sort((a, b) => b.key.notAfterMs - a.key.notAfterMs)[0];
    if (newest && newest.key.notBeforeMs <= nowMs && newest.key.notAfterMs - nowMs > RENEW_BEFORE_MS)
      return newest;
    this.#making ??= this.#make(nowMs).finally(() => {
      this.#making = null;
    });
    return this.#making;
  }

  /** Opens an envelope sealed to one of the keys. @throws AuthorityError `ingest-key-unknown`, VaultError */
  async open(envelope: Envelope, info: Uint8Array, associatedData: Uint8Array): Promise<Uint8Array> {
    const id = formatId(envelope.keyId);
    const statement = await this.#statement(id);
    if (!statement) {
      throw new AuthorityError(
        "ingest-key-unknown",
        `The envelope is sealed to key ${id}, which this force does not have or has destroyed.`,
      );
    }
    const ingestKeyPair: IngestKeyPair = {
      publicKey: statement.key.publicKey,
      privateKey: await readAuthorityFile(this.#path(id, "key")),
    };
    return openKey({ ingestKeyPair, envelope, info, associatedData });
  }

  /** Destroys private keys whose grace has passed; gives the ids of those destroyed. */
  async destroyExpired(nowMs: number): Promise<string[]> {
    const expired = (await this.#list()).filter(({ key }) => key.notAfterMs + INGEST_KEY_GRACE_MS < nowMs);
    for (const { key } of expired) {
      const id = formatId(key.keyId);
      await removeDurably(this.#path(id, "key"));
      await removeDurably(this.#path(id, "statement"));
    }
    return expired.map(({ key }) => formatId(key.keyId));
  }

  async #make(nowMs: number): Promise<StoredIngestKey> {
    const pair = await generateIngestKeyPair();
    const key: IngestKey = {
      force: this.#force,
      keyId: newId(),
      publicKey: pair.publicKey,
      notBeforeMs: nowMs - BACKDATED_MS,
      notAfterMs: nowMs + USE_MS,
    };
    const id = formatId(key.keyId);
    const statement = await signIngestKey(key, this.#service);
    // The private key first: a statement without its key would let cameras seal to nothing.
    await writeNewDurably(this.#path(id, "key"), pair.privateKey, { mode: 0o600 });
    await writeNewDurably(this.#path(id, "statement"), statement);
    return { key, statement };
  }

  async #list(): Promise<StoredIngestKey[]> {
    const names = (await readdir(this.#folder)).filter((name) => name.endsWith(".statement"));
    const found = await Promise.all(
      names.map((name) => this.#statement(name.slice(0, -".statement".length))),
    );
    return found.filter((stored) => stored !== null);
  }

  async #statement(id: string): Promise<StoredIngestKey | null> {
    const statement = await readAuthorityFile(this.#path(id, "statement")).catch((error: unknown) => {
      if (error instanceof AuthorityError) return null;
      throw error;
    });
    return statement ? { key: parseIngestKey(statement).key, statement } : null;
  }

  #path(id: string, suffix: "key" | "statement"): string {
    return join(this.#folder, `${id}.${suffix}`);
  }
}
