// Root keys: what wraps the keys of the ring. Guarantees that a root is durable before it is used, and that the
// newest is the current one. Files here; a KMS can stand behind the same interface.

import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { join } from "node:path";
import { VaultError } from "../errors.ts";
import { makeFoldersDurably, writeDurably } from "../store/volume.ts";
import type { Volume } from "../store/volume.ts";

/** Wraps and unwraps; root keys themselves never leave. A root id is 8 bytes of hexadecimal: the first 4 count up. */
export interface RootKeys {
  /** Ids of the roots there are, oldest first; the last is the current one. Never empty. */
  ids(): readonly string[];
  /** Makes a new root and makes it current; durable on return. */
  create(): Promise<string>;
  /** Returns nonce (12 bytes), ciphertext and tag (16 bytes). */
  wrap(rootId: string, secret: Uint8Array, associatedData: Uint8Array): Promise<Buffer>;
  /** Throws `root-missing` where the root was destroyed, `wrap-authentication` where the bytes do not open. */
  unwrap(rootId: string, wrapped: Uint8Array, associatedData: Uint8Array): Promise<Buffer>;
  /** Removes a root that is not current; durable on return. Idempotent. */
  destroy(rootId: string): Promise<void>;
}

const MAGIC = Buffer.from("SWR1");
const ROOT_FILE = /^([0-9a-f]{16})\.root$/;

/** AES-256-GCM under a random 96-bit nonce: nonce, ciphertext, tag. */
function wrapBytes(key: Uint8Array, secret: Uint8Array, associatedData: Uint8Array): Buffer {
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  cipher.setAAD(associatedData);
  return Buffer.concat([nonce, cipher.update(secret), cipher.final(), cipher.getAuthTag()]);
}

/** Throws `wrap-authentication` unless `wrapBytes` made these bytes with this key and associated data. */
function unwrapBytes(key: Uint8Array, wrapped: Uint8Array, associatedData: Uint8Array): Buffer {
  try {
    const decipher = createDecipheriv("aes-256-gcm", key, wrapped.subarray(0, 12), { authTagLength: 16 });
    decipher.setAAD(associatedData);
    decipher.setAuthTag(wrapped.subarray(-16));
    return Buffer.concat([decipher.update(wrapped.subarray(12, -16)), decipher.final()]);
  } catch (cause) {
    throw new VaultError("wrap-authentication", "a key of the ring does not open: it was altered", { cause });
  }
}

class RootKeyFiles implements RootKeys {
  readonly #volume: Volume;
  readonly #folder: string;
  readonly #keys: Map<string, Buffer>;

  constructor(volume: Volume, folder: string, keys: Map<string, Buffer>) {
    this.#volume = volume;
    this.#folder = folder;
    this.#keys = keys;
  }

  ids(): readonly string[] {
    return [...this.#keys.keys()].sort();
  }

  async create(): Promise<string> {
    const newest = this.ids().at(-1)?.slice(0, 8) ?? "00000000";
    const count = (Number.parseInt(newest, 16) + 1).toString(16).padStart(8, "0");
    const id = `${count}${randomBytes(4).toString("hex")}`;
    const key = randomBytes(32);
    const place = { temporaryFolder: join(this.#folder, "tmp"), folder: this.#folder, name: `${id}.root` };
    await writeDurably(this.#volume, place, Buffer.concat([MAGIC, key]));
    this.#keys.set(id, key);
    return id;
  }

  async wrap(rootId: string, secret: Uint8Array, associatedData: Uint8Array): Promise<Buffer> {
    return await Promise.resolve(wrapBytes(this.#key(rootId), secret, associatedData));
  }

  async unwrap(rootId: string, wrapped: Uint8Array, associatedData: Uint8Array): Promise<Buffer> {
    return await Promise.resolve(unwrapBytes(this.#key(rootId), wrapped, associatedData));
  }

  async destroy(rootId: string): Promise<void> {
    this.#volume.requireWritable();
    if (rootId === this.ids().at(-1)) throw new VaultError("bad-argument", "the current root key is in use");
    await this.#volume.unlink(join(this.#folder, `${rootId}.root`));
    await this.#volume.syncFolder(this.#folder);
    this.#keys.get(rootId)?.fill(0);
    this.#keys.delete(rootId);
  }

  #key(rootId: string): Buffer {
    const key = this.#keys.get(rootId);
    if (key === undefined) {
      throw new VaultError("root-missing", `the root key ${rootId} is gone: what it wrapped cannot be read`);
    }
    return key;
  }
}

/** Reads the roots of a folder; with `mayCreate` an empty one is given its first root. Throws `root-missing` for an
 * empty one else, `ring-damaged` for a root file of the wrong shape. Files are made with mode 0600, the folder with 0700. */
export async function openRootKeys(
  volume: Volume,
  folder: string,
  options: { readonly readOnly: boolean; readonly mayCreate: boolean },
): Promise<RootKeys> {
  const { readOnly, mayCreate } = options;
  if (!readOnly) {
    await makeFoldersDurably(volume, join(folder, "tmp"));
    for (const name of await volume.names(join(folder, "tmp")))
      await volume.unlink(join(folder, "tmp", name));
  }
  const keys = new Map<string, Buffer>();
  for (const name of await volume.names(folder)) {
    const id = ROOT_FILE.exec(name)?.[1];
    if (id === undefined) continue;
    const bytes = await volume.readSmall(join(folder, name), 64);
    if (bytes?.byteLength !== 36 || !bytes.subarray(0, 4).equals(MAGIC)) {
      throw new VaultError(
        "ring-damaged",
        `the root key file ${name} is damaged: restore it from its backup`,
      );
    }
    keys.set(id, bytes.subarray(4));
  }
  const roots = new RootKeyFiles(volume, folder, keys);
  if (keys.size === 0) {
    if (!mayCreate) {
      throw new VaultError(
        "root-missing",
        "the ring's root keys are not in their folder: mount or restore it",
      );
    }
    await roots.create();
  } else if (!readOnly) {
    // A crash may have come between the rename of the newest root and the sync of its folder.
    await volume.syncFolder(folder);
  }
  return roots;
}
