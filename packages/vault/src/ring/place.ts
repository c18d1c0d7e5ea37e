// One of the two places of a key ring: key files and tombstones in sharded folders. Guarantees that a write or a
// removal that returned is on that place's disk.
//   keys/<shard>/<id>.key     destroyed/<shard>/<id>.destroyed     tmp/

import { join } from "node:path";
import { allShards, fileNameOf, idOfFileName, shardOf } from "../short-id.ts";
import { VaultError } from "../errors.ts";
import { makeFoldersDurably, writeDurably } from "../store/volume.ts";
import type { Volume } from "../store/volume.ts";
import { LARGEST_RECORD_BYTES } from "./key-record.ts";

export type EntryKind = "key" | "tombstone";

const FOLDERS = { key: "keys", tombstone: "destroyed" } as const;
const ENDINGS = { key: ".key", tombstone: ".destroyed" } as const;

export class Place {
  readonly number: 0 | 1;
  readonly #volume: Volume;
  readonly #root: string;

  constructor(volume: Volume, root: string, number: 0 | 1) {
    this.#volume = volume;
    this.#root = root;
    this.number = number;
  }

  /** Makes what folders are missing, and sweeps temporary files. */
  async prepare(): Promise<void> {
    await makeFoldersDurably(this.#volume, join(this.#root, "tmp"));
    for (const name of await this.#volume.names(join(this.#root, "tmp"))) {
      await this.#volume.unlink(join(this.#root, "tmp", name));
    }
    for (const kind of ["keys", "destroyed"]) {
      const folder = join(this.#root, kind);
      await makeFoldersDurably(this.#volume, folder);
      const present = new Set(await this.#volume.names(folder));
      for (const shard of allShards().filter((name) => !present.has(name))) {
        await this.#volume.fs.makeFolder(join(folder, shard)).catch((error: unknown) => {
          throw this.#volume.faultOf(error, "making a folder");
        });
      }
      await this.#volume.syncFolder(folder);
    }
  }

  requireWritable(): void {
    this.#volume.requireWritable();
  }

  /** A file of this place's own, such as its identity. */
  async readOwn(name: string): Promise<Buffer | undefined> {
    return await this.#volume.readSmall(join(this.#root, name), 1024);
  }

  async writeOwn(name: string, bytes: Uint8Array): Promise<void> {
    await writeDurably(this.#volume, this.#destination(this.#root, name), bytes);
  }

  async read(kind: EntryKind, id: string): Promise<Buffer | undefined> {
    return await this.#volume.readSmall(
      join(this.#folder(kind, id), this.#name(kind, id)),
      LARGEST_RECORD_BYTES,
    );
  }

  /** Whether there is a file of that name. */
  async has(kind: EntryKind, id: string): Promise<boolean> {
    return (await this.#volume.sizeOf(join(this.#folder(kind, id), this.#name(kind, id)))) !== undefined;
  }

  async write(kind: EntryKind, id: string, bytes: Uint8Array): Promise<void> {
    await writeDurably(this.#volume, this.#destination(this.#folder(kind, id), this.#name(kind, id)), bytes);
  }

  /** Removes an entry and syncs its folder, whether or not it was there: an earlier removal may not be durable. */
  async remove(kind: EntryKind, id: string): Promise<boolean> {
    this.#volume.requireWritable();
    const removed = await this.#volume.unlink(join(this.#folder(kind, id), this.#name(kind, id)));
    await this.#volume.syncFolder(this.#folder(kind, id));
    return removed;
  }

  /** Syncs the folder of an entry that is there: its rename may be older than the last sync. */
  async settle(kind: EntryKind, id: string): Promise<void> {
    await this.#volume.syncFolder(this.#folder(kind, id));
  }

  /** Ids in a shard; `foreign` are names that no entry has. */
  async list(kind: EntryKind, shard: string): Promise<{ ids: string[]; foreign: string[] }> {
    const ids: string[] = [];
    const foreign: string[] = [];
    for (const name of await this.#volume.names(join(this.#root, FOLDERS[kind], shard))) {
      const ending = ENDINGS[kind];
      const id = name.endsWith(ending) ? idOfFileName(name.slice(0, -ending.length)) : undefined;
      if (id !== undefined && shardOf(id) === shard) ids.push(id);
      else foreign.push(name);
    }
    return { ids: ids.sort(), foreign };
  }

  #folder(kind: EntryKind, id: string): string {
    return join(this.#root, FOLDERS[kind], shardOf(id));
  }

  #name(kind: EntryKind, id: string): string {
    return `${fileNameOf(id)}${ENDINGS[kind]}`;
  }

  #destination(folder: string, name: string) {
    return { temporaryFolder: join(this.#root, "tmp"), folder, name };
  }
}

/** The tombstone of a destroyed key. */
export function encodeTombstone(id: string, destroyedAtMs: number): Buffer {
  return Buffer.from(`${JSON.stringify({ version: 1, id, destroyedAtMs })}\n`);
}

/** When the key was destroyed. A damaged tombstone still is one: its time is then unknown. */
export function decodeTombstone(bytes: Uint8Array): number | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString("utf8"));
    if (typeof value !== "object" || value === null || !("destroyedAtMs" in value)) return undefined;
    return Number.isSafeInteger(value.destroyedAtMs) ? Number(value.destroyedAtMs) : undefined;
  } catch {
    return undefined;
  }
}

/** The ring that the places belong to, undefined for new ones. Throws `ring-mismatch` unless it is one ring and
 * the places stand in their order. */
export async function ringOf(places: readonly Place[]): Promise<string | undefined> {
  let ringId: string | undefined;
  for (const [number, place] of places.entries()) {
    const bytes = await place.readOwn("ring.json");
    const id = bytes === undefined ? undefined : ringIdOf(bytes, number);
    if (id !== undefined && ringId !== undefined && id !== ringId) {
      throw new VaultError(
        "ring-mismatch",
        "the two folders belong to different key rings; check the configuration",
      );
    }
    ringId ??= id;
  }
  return ringId;
}

/** Writes the ring's id into each place that has none: a new ring, or a new disk in the place of a lost one. */
export async function nameRing(places: readonly Place[], ringId: string): Promise<void> {
  for (const [number, place] of places.entries()) {
    if ((await place.readOwn("ring.json")) !== undefined) continue;
    await place.writeOwn(
      "ring.json",
      Buffer.from(`${JSON.stringify({ version: 1, ringId, place: number })}\n`),
    );
  }
}

function ringIdOf(bytes: Uint8Array, number: number): string {
  const match = /^\{"version":1,"ringId":"([0-9a-f]{32})","place":([01])\}\n$/.exec(
    Buffer.from(bytes).toString("utf8"),
  );
  if (match?.[1] === undefined || match[2] !== String(number)) {
    throw new VaultError("ring-mismatch", "a folder is not the place of the key ring it was configured as");
  }
  return match[1];
}
