// Makes an object whole from a copy of it in another store: a part that was lost or altered, a lost index, or all of it.
// Guarantees that only bytes of the right hash get a name, that what was damaged is kept aside, and that what a crash
// left of a mending is mended by the next.

import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { VaultError } from "../errors.ts";
import { fileNameOf } from "../short-id.ts";
import { sameParts } from "./claimed-parts.ts";
import { encodeIndex, totalBytes, type ObjectIndex } from "./object-index.ts";
import { hashPart, partFileName } from "./object-reader.ts";
import type { ObjectStore, StoredObject, StoredPart } from "./object-store.ts";
import type { OpenParts } from "./open-parts.ts";
import { PartDigest } from "./part-digest.ts";
import {
  makeFolderDurably,
  makeFoldersDurably,
  publish,
  removeQuietly,
  temporaryName,
  writeDurably,
  type Volume,
} from "./volume.ts";

export type MendOutcome =
  | { readonly kind: "whole" }
  | {
      readonly kind: "mended";
      readonly parts: number;
      readonly sizeBytes: number;
      /** Where what was damaged is kept, below the store's root; none where it was only missing. */
      readonly keptAside?: string;
    }
  /** Nothing was changed but parts that could be mended: what is left has no whole copy. */
  | { readonly kind: "unmended"; readonly detail: string };

export interface MendPlace {
  readonly volume: Volume;
  readonly root: string;
  readonly folder: string;
  readonly open: OpenParts;
}

/** Where a store keeps what was damaged, as `damaged/<object>.<random>/`. */
export const DAMAGED = "damaged";
const INDEX = "index.json";

type SourceStore = Pick<ObjectStore, "openObject">;

/** `own`: the index here, "damaged" where it cannot be read, undefined where there is none. Throws what the volume throws,
 * and the reason of `signal` where that aborts. */
export async function mendObject(
  place: MendPlace,
  key: string,
  own: ObjectIndex | "damaged" | undefined,
  source: SourceStore,
  signal?: AbortSignal,
): Promise<MendOutcome> {
  const copy = await openCopy(source, key);
  const index = typeof own === "object" ? own : undefined;
  if (copy.object === undefined) {
    const isWhole = index !== undefined && (await isIntact(place, index.parts));
    return isWhole ? { kind: "whole" } : { kind: "unmended", detail: copy.detail };
  }
  place.volume.requireWritable();
  const chosen = await choose(place, index, copy.object.parts);
  if (chosen === undefined)
    return { kind: "unmended", detail: "the two stores hold different objects of that name" };
  const mending = new Mending(place, key, copy.object, signal);
  await makeFolderDurably(place.volume, place.folder);
  let start = 0;
  for (const part of chosen.parts) {
    const offsetBytes = copy.object.sizeBytes === totalBytes(chosen.parts) ? start : undefined;
    start += part.sizeBytes;
    if (await isPartIntact(place, part)) continue;
    if (offsetBytes === undefined || !(await mending.replace(part, offsetBytes)))
      return { kind: "unmended", detail: `part ${part.number.toString()} is damaged in both stores` };
  }
  if (!chosen.isIndexGood) await mending.writeIndex(chosen.parts, own === undefined);
  return mending.outcome(chosen.isIndexGood);
}

async function openCopy(
  source: SourceStore,
  key: string,
): Promise<{ readonly object: StoredObject } | { readonly object: undefined; readonly detail: string }> {
  try {
    const opened = await source.openObject(key);
    if (opened.kind === "object") return { object: opened.object };
    return { object: undefined, detail: "the other store has no copy" };
  } catch (error) {
    if (!(error instanceof VaultError) || error.code !== "object-damaged") throw error;
    return { object: undefined, detail: "the copy in the other store is damaged too" };
  }
}

/** The parts that this object should have: as its own index says, unless the bytes here speak for the copy's. */
async function choose(
  place: MendPlace,
  own: ObjectIndex | undefined,
  copied: readonly StoredPart[],
): Promise<{ readonly parts: readonly StoredPart[]; readonly isIndexGood: boolean } | undefined> {
  if (own === undefined) return { parts: copied, isIndexGood: false };
  if (sameParts(own.parts, copied) || (await isIntact(place, own.parts)))
    return { parts: own.parts, isIndexGood: true };
  return (await isIntact(place, copied)) ? { parts: copied, isIndexGood: false } : undefined;
}

async function isIntact(place: MendPlace, parts: readonly StoredPart[]): Promise<boolean> {
  for (const part of parts) if (!(await isPartIntact(place, part))) return false;
  return true;
}

async function isPartIntact({ volume, folder }: MendPlace, part: StoredPart): Promise<boolean> {
  const found = await hashPart(volume, folder, part);
  return found?.sizeBytes === part.sizeBytes && found.sha256 === part.sha256;
}

class Mending {
  readonly #place: MendPlace;
  readonly #key: string;
  readonly #copy: StoredObject;
  readonly #signal: AbortSignal | undefined;
  #aside: string | undefined;
  #parts = 0;
  #sizeBytes = 0;

  constructor(place: MendPlace, key: string, copy: StoredObject, signal: AbortSignal | undefined) {
    this.#place = place;
    this.#key = key;
    this.#copy = copy;
    this.#signal = signal;
  }

  /** False where the copy's bytes are not this part either. */
  async replace(part: StoredPart, offsetBytes: number): Promise<boolean> {
    const { volume, folder, open, root } = this.#place;
    const temporaryPath = join(root, "tmp", temporaryName());
    if (!(await this.#fetch(part, offsetBytes, temporaryPath))) return false;
    await this.#setAside(partFileName(part.number));
    await publish(volume, temporaryPath, folder, partFileName(part.number));
    await open.forget(folder);
    this.#parts += 1;
    this.#sizeBytes += part.sizeBytes;
    return true;
  }

  async writeIndex(parts: readonly StoredPart[], isNew: boolean): Promise<void> {
    const { volume, folder, root } = this.#place;
    if (!isNew) await this.#setAside(INDEX);
    const place = { temporaryFolder: join(root, "tmp"), folder, name: INDEX };
    await writeDurably(volume, place, encodeIndex(this.#key, parts));
  }

  outcome(hadIndex: boolean): MendOutcome {
    if (this.#parts === 0 && hadIndex) return { kind: "whole" };
    const keptAside = this.#aside === undefined ? {} : { keptAside: this.#aside };
    return { kind: "mended", parts: this.#parts, sizeBytes: this.#sizeBytes, ...keptAside };
  }

  /** Writes the copy's part to the disk under a temporary name; nothing is left of one that is not as it should be. */
  async #fetch(part: StoredPart, offsetBytes: number, path: string): Promise<boolean> {
    const { volume } = this.#place;
    const digest = new PartDigest(part.spans === undefined ? {} : { spans: part.spans });
    try {
      const file = await volume.fs.create(path, 0o600).catch((error: unknown) => {
        throw volume.faultOf(error, "creating a part");
      });
      try {
        for await (const chunk of this.#copy.stream(offsetBytes, part.sizeBytes)) {
          this.#signal?.throwIfAborted();
          digest.update(chunk);
          await file.append([chunk]).catch((error: unknown) => {
            throw volume.faultOf(error, "writing a part");
          });
        }
        await volume.settle(() => file.datasync(), "syncing a part");
      } finally {
        await file.close().catch(() => undefined);
      }
    } catch (error) {
      await removeQuietly(volume, path);
      if (error instanceof VaultError && error.code === "object-damaged") return false;
      throw error;
    }
    if (digest.digest() === part.sha256) return true;
    await removeQuietly(volume, path);
    return false;
  }

  async #setAside(name: string): Promise<void> {
    const { volume, folder, root } = this.#place;
    if ((await volume.sizeOf(join(folder, name))) === undefined) return;
    this.#aside ??= join(DAMAGED, `${fileNameOf(this.#key)}.${randomBytes(6).toString("hex")}`);
    const aside = join(root, this.#aside);
    await makeFoldersDurably(volume, aside);
    await volume.fs.rename(join(folder, name), join(aside, name)).catch((error: unknown) => {
      throw volume.faultOf(error, "keeping a damaged file aside");
    });
    await volume.syncFolder(aside);
    await volume.syncFolder(folder);
  }
}
