// Objects as files in folders. Guarantees what `ObjectStore` asks, by the procedures of docs/design/storage.md.
//   objects/<shard>/<key>/part-00001 …   index.json   present only when the object is complete
//   tmp/     parts being written           trash/       objects being deleted

import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { VaultError } from "../errors.ts";
import { allShards, fileNameOf, idOfFileName, requireShortId, shardOf } from "../short-id.ts";
import { LARGEST_INDEX_BYTES, decodeIndex, encodeIndex, isPartNumber, totalBytes } from "./object-index.ts";
import type { ObjectIndex } from "./object-index.ts";
import { checkParts, hashPart, openStoredObject, partFileName } from "./object-reader.ts";
import type {
  BeginOptions,
  ClaimedPart,
  CompleteOutcome,
  ObjectFinding,
  ObjectStat,
  ObjectStore,
  OpenedObject,
  PartWriter,
  RangeOutcome,
  StoredPart,
} from "./object-store.ts";
import { recordable, requireClaims, sameParts } from "./claimed-parts.ts";
import { OpenParts } from "./open-parts.ts";
import { DAMAGED, mendObject, type MendOutcome } from "./mend-object.ts";
import { FilePartWriter } from "./part-writer.ts";
import { recoverStore, removeSetAside } from "./recover-store.ts";
import type { RecoveryReport } from "./recover-store.ts";
import { isAbsent, nodeStoreFs } from "./store-fs.ts";
import type { StoreFile, StoreFs } from "./store-fs.ts";
import {
  Volume,
  makeFolderDurably,
  makeFoldersDurably,
  removeQuietly,
  temporaryName,
  writeDurably,
} from "./volume.ts";

const INDEX = "index.json";
/** The least length of a part but the last that S3 takes. */
export const S3_MIN_PART_BYTES = 5 * 1024 * 1024;

export interface FolderStoreOptions {
  /** Made where it is absent. One process at a time may write to it. */
  readonly root: string;
  /** Default 5 MiB, so that what fits here fits S3. */
  readonly minPartBytes?: number;
  /** For `sworn fsck`: nothing is made, swept or written. */
  readonly readOnly?: boolean;
  readonly fs?: StoreFs;
}

export interface FolderStore extends ObjectStore {
  /** What the sweep at opening removed. */
  readonly recovered: RecoveryReport;
  /** Makes an object here what its copy in `source` is, part by part, where it is lost or damaged here; a new one too. */
  mendFrom(key: string, source: Pick<ObjectStore, "openObject">, signal?: AbortSignal): Promise<MendOutcome>;
}

class Store implements FolderStore {
  readonly minPartBytes: number;
  readonly recovered: RecoveryReport;
  readonly #root: string;
  readonly #volume: Volume;
  readonly #open: OpenParts;
  // Objects in progress whose folder entry this process knows to be on the disk.
  readonly #durableFolders = new Set<string>();

  constructor(root: string, volume: Volume, minPartBytes: number, recovered: RecoveryReport) {
    this.#root = root;
    this.#volume = volume;
    this.#open = new OpenParts(volume.fs);
    this.minPartBytes = minPartBytes;
    this.recovered = recovered;
  }

  async beginPart(key: string, partNumber: number, options: BeginOptions = {}): Promise<PartWriter> {
    const folder = this.#folderOf(key);
    if (!isPartNumber(partNumber)) throw new VaultError("bad-argument", "a part number is 1 to 10,000");
    this.#volume.requireWritable();
    await this.#requireInProgress(key);
    if (!this.#durableFolders.has(key)) {
      await makeFolderDurably(this.#volume, folder);
      this.#durableFolders.add(key);
    }
    const temporaryPath = join(this.#root, "tmp", temporaryName());
    const file = await this.#create(temporaryPath);
    const place = { temporaryPath, folder, name: partFileName(partNumber), number: partNumber };
    const writer = new FilePartWriter(this.#volume, place, file, () => this.#requireInProgress(key));
    if (options.extend === true) await this.#copyPart(folder, partNumber, writer);
    if (options.hashedByCaller === true) writer.leaveHashing();
    return writer;
  }

  async putPart(key: string, partNumber: number, bytes: Uint8Array): Promise<StoredPart> {
    const writer = await this.beginPart(key, partNumber);
    await writer.write(bytes);
    return await writer.commit();
  }

  async putObject(key: string, bytes: Uint8Array): Promise<CompleteOutcome> {
    const stat = await this.stat(key);
    if (stat.kind !== "complete") return await this.complete(key, [await this.putPart(key, 1, bytes)]);
    const opened = await this.openObject(key);
    const same =
      opened.kind === "object" &&
      opened.object.sizeBytes === bytes.byteLength &&
      (await opened.object.read(0, bytes.byteLength)).equals(bytes);
    return same ? { ...stat, kind: "already-complete" } : { kind: "conflict", parts: stat.parts };
  }

  async complete(key: string, given: readonly ClaimedPart[]): Promise<CompleteOutcome> {
    const folder = this.#folderOf(key);
    const claims = given.map(recordable);
    requireClaims(claims, this.minPartBytes);
    const existing = await this.#readIndex(key);
    if (existing !== undefined) {
      if (!sameParts(existing.parts, claims)) return { kind: "conflict", parts: existing.parts };
      // An earlier attempt may have renamed the index and failed to sync it.
      this.#volume.requireWritable();
      await this.#volume.syncFolder(folder);
      return { kind: "already-complete", sizeBytes: existing.sizeBytes, parts: existing.parts };
    }
    this.#volume.requireWritable();
    const parts: StoredPart[] = [];
    for (const claim of claims) parts.push(await this.#findPart(key, claim));
    await this.#dropOtherParts(folder, parts);
    const place = { temporaryFolder: join(this.#root, "tmp"), folder, name: INDEX };
    await writeDurably(this.#volume, place, encodeIndex(key, parts));
    this.#durableFolders.delete(key);
    return { kind: "completed", sizeBytes: totalBytes(parts), parts };
  }

  async abort(key: string): Promise<void> {
    await this.#requireInProgress(key);
    await this.delete(key);
  }

  async delete(key: string): Promise<{ readonly kind: "deleted" | "absent" }> {
    const folder = this.#folderOf(key);
    this.#volume.requireWritable();
    this.#durableFolders.delete(key);
    const trash = join(this.#root, "trash");
    let kind: "deleted" | "absent" = "deleted";
    try {
      // One step for the whole object: a crash leaves it all there or all gone.
      await this.#volume.fs.rename(
        folder,
        join(trash, `${fileNameOf(key)}.${randomBytes(6).toString("hex")}`),
      );
    } catch (error) {
      if (!isAbsent(error)) throw this.#volume.faultOf(error, "removing an object");
      kind = "absent";
    }
    // After the rename nothing opens them again; an open file would keep its bytes on the disk.
    await this.#open.forget(folder);
    await this.#volume.syncFolder(trash);
    await this.#volume.syncFolder(join(folder, ".."));
    // Also what an earlier attempt renamed and could not remove.
    const emptied = await recoverStore(this.#volume, this.#root, (name) =>
      name.startsWith(`${fileNameOf(key)}.`),
    );
    await removeSetAside(this.#volume, join(this.#root, DAMAGED), `${fileNameOf(key)}.`);
    return { kind: emptied.deletedObjects > 0 ? "deleted" : kind };
  }

  async stat(key: string): Promise<ObjectStat> {
    const index = await this.#readIndex(key);
    if (index !== undefined) return { kind: "complete", sizeBytes: index.sizeBytes, parts: index.parts };
    const folder = this.#folderOf(key);
    const parts: { number: number; sizeBytes: number }[] = [];
    for (const name of (await this.#volume.names(folder)).sort()) {
      const number = Number(/^part-(\d{5})$/.exec(name)?.[1]);
      const sizeBytes = isPartNumber(number) ? await this.#volume.sizeOf(join(folder, name)) : undefined;
      if (sizeBytes !== undefined) parts.push({ number, sizeBytes });
    }
    return parts.length === 0 ? { kind: "absent" } : { kind: "in-progress", parts };
  }

  async openObject(key: string): Promise<OpenedObject> {
    const index = await this.#readIndex(key);
    if (index === undefined) return { kind: "absent" };
    return { kind: "object", object: openStoredObject(this.#volume, this.#folderOf(key), index, this.#open) };
  }

  async getRange(key: string, offsetBytes: number, lengthBytes: number): Promise<RangeOutcome> {
    const opened = await this.openObject(key);
    if (opened.kind === "absent") return opened;
    return { kind: "range", chunks: opened.object.stream(offsetBytes, lengthBytes) };
  }

  async *list(prefix = ""): ReturnType<ObjectStore["list"]> {
    for (const shard of allShards()) {
      const folder = join(this.#root, "objects", shard);
      for (const name of await this.#volume.names(folder)) {
        const key = idOfFileName(name);
        if (key === undefined || !key.startsWith(prefix)) continue;
        const isComplete = (await this.#volume.sizeOf(join(folder, name, INDEX))) !== undefined;
        yield { key, kind: isComplete ? "complete" : "in-progress" };
      }
    }
  }

  async check(key: string, level: "length" | "hash"): Promise<ObjectFinding[]> {
    try {
      const index = await this.#readIndex(key);
      if (index === undefined)
        return [{ kind: "index", detail: "the object has no index: it is not complete" }];
      return await checkParts(this.#volume, this.#folderOf(key), index, level === "hash");
    } catch (error) {
      if (error instanceof VaultError && error.code === "object-damaged") {
        return [{ kind: "index", detail: error.message }];
      }
      throw error;
    }
  }

  async mendFrom(
    key: string,
    source: Pick<ObjectStore, "openObject">,
    signal?: AbortSignal,
  ): Promise<MendOutcome> {
    const folder = this.#folderOf(key);
    const place = { volume: this.#volume, root: this.#root, folder, open: this.#open };
    const own = await this.#readIndex(key).catch((error: unknown) => {
      if (error instanceof VaultError && error.code === "object-damaged") return "damaged" as const;
      throw error;
    });
    return mendObject(place, key, own, source, signal);
  }

  #folderOf(key: string): string {
    requireShortId(key, "an object key");
    return join(this.#root, "objects", shardOf(key), fileNameOf(key));
  }

  async #readIndex(key: string): Promise<ObjectIndex | undefined> {
    const bytes = await this.#volume.readSmall(join(this.#folderOf(key), INDEX), LARGEST_INDEX_BYTES);
    return bytes === undefined ? undefined : decodeIndex(key, bytes);
  }

  async #requireInProgress(key: string): Promise<void> {
    if ((await this.#volume.sizeOf(join(this.#folderOf(key), INDEX))) !== undefined) {
      throw new VaultError("object-complete", `${key} is complete and never changes`);
    }
  }

  async #create(path: string): Promise<StoreFile> {
    try {
      return await this.#volume.fs.create(path, 0o600);
    } catch (error) {
      await removeQuietly(this.#volume, path);
      throw this.#volume.faultOf(error, "creating a part");
    }
  }

  async #copyPart(folder: string, partNumber: number, writer: PartWriter): Promise<void> {
    try {
      const sizeBytes = await this.#volume.sizeOf(join(folder, partFileName(partNumber)));
      if (sizeBytes === undefined) return;
      const part = { number: partNumber, sizeBytes, sha256: "" };
      const index = { key: folder, sizeBytes, parts: [part] };
      const copied = openStoredObject(this.#volume, folder, index, this.#open);
      for await (const chunk of copied.stream(0, sizeBytes)) await writer.write(chunk);
    } catch (error) {
      await writer.discard();
      throw error;
    }
  }

  async #findPart(key: string, claim: ClaimedPart): Promise<StoredPart> {
    const { number, sizeBytes, sha256, spans } = claim;
    const folder = this.#folderOf(key);
    const found =
      sha256 === undefined
        ? await hashPart(this.#volume, folder, { number })
        : { sizeBytes: await this.#volume.sizeOf(join(folder, partFileName(number))), sha256 };
    if (found?.sizeBytes !== sizeBytes) {
      throw new VaultError("part-missing", `part ${String(number)} of ${key} is not there as it was claimed`);
    }
    return {
      ...{ number, sizeBytes, sha256: found.sha256 },
      ...(sha256 === undefined || spans === undefined ? {} : { spans }),
    };
  }

  async #dropOtherParts(folder: string, parts: readonly StoredPart[]): Promise<void> {
    const kept = new Set(parts.map((part) => partFileName(part.number)));
    for (const name of await this.#volume.names(folder)) {
      if (!kept.has(name)) await this.#volume.unlink(join(folder, name));
    }
  }
}

/** Opens the store in a folder and sweeps away what a crash left unfinished. */
export async function openFolderStore(options: FolderStoreOptions): Promise<FolderStore> {
  const { root, readOnly = false, minPartBytes = S3_MIN_PART_BYTES } = options;
  const volume = new Volume(options.fs ?? nodeStoreFs, { readOnly });
  let recovered: RecoveryReport = { temporaryFiles: 0, deletedObjects: 0 };
  if (!readOnly) {
    for (const name of ["tmp", "trash", "objects"]) await makeFoldersDurably(volume, join(root, name));
    const present = new Set(await volume.names(join(root, "objects")));
    for (const shard of allShards().filter((name) => !present.has(name))) {
      await volume.fs.makeFolder(join(root, "objects", shard)).catch((error: unknown) => {
        throw volume.faultOf(error, "making a folder");
      });
    }
    await volume.syncFolder(join(root, "objects"));
    recovered = await recoverStore(volume, root);
  }
  return new Store(root, volume, minPartBytes, recovered);
}
