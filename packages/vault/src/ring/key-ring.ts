// The key ring: each key in two places, wrapped under a root key. Guarantees: `put` returns when both places have
// the key, `delete` when both have lost it, and a destroyed id never holds a key again. docs/design/keys.md.

import { randomBytes, timingSafeEqual } from "node:crypto";
import { VaultError } from "../errors.ts";
import { allShards, requireShortId } from "../short-id.ts";
import { nodeStoreFs } from "../store/store-fs.ts";
import type { StoreFs } from "../store/store-fs.ts";
import { Volume } from "../store/volume.ts";
import { TurnTaker } from "./turn-taker.ts";
import { checkRing, copyIn, repairRing } from "./check-ring.ts";
import type { Copy, RepairReport, RingDepth, RingFinding } from "./check-ring.ts";
import { LARGEST_SECRET_BYTES, rootOfRecord, sealRecord } from "./key-record.ts";
import { Place, decodeTombstone, encodeTombstone, nameRing, ringOf } from "./place.ts";
import { openRootKeys } from "./root-keys.ts";
import type { RootKeys } from "./root-keys.ts";

export type PutOutcome =
  | { readonly kind: "stored" }
  /** Both places hold this very key already. */
  | { readonly kind: "present" }
  /** The id holds another key, which stays. */
  | { readonly kind: "conflict" }
  | { readonly kind: "destroyed"; readonly destroyedAtMs: number | undefined };

export type GetOutcome =
  | { readonly kind: "key"; readonly key: Buffer }
  | { readonly kind: "unknown" }
  | { readonly kind: "destroyed"; readonly destroyedAtMs: number | undefined };

/** First place, second place. */
export interface KeyLocation {
  readonly keys: readonly [boolean, boolean];
  readonly tombstones: readonly [boolean, boolean];
}

export interface KeyRing {
  /** Stores a secret of 1 to 4096 bytes under an id of `a-z 0-9 - /`; on the disks of both places on return. */
  put(id: string, key: Uint8Array): Promise<PutOutcome>;
  /** Reads a key from the first place that has it whole, and mends the other. Throws `ring-damaged` where
   * neither has. */
  get(id: string): Promise<GetOutcome>;
  has(id: string): Promise<boolean>;
  /** Destroys a key: tombstones in both places, then the key from both. Also where the id was never used.
   * Idempotent: the first time stays. */
  delete(id: string): Promise<{ readonly kind: "destroyed"; readonly destroyedAtMs: number | undefined }>;
  /** Ids that hold a key in either place and are not destroyed. */
  list(): AsyncGenerator<string, void, undefined>;
  /** Makes a new root, wraps every key under it, destroys the older roots. Interrupted, it goes on when called
   * again. Throws `ring-damaged` before it destroys a root while any key could not be wrapped anew. */
  rotateRoot(): Promise<{ readonly rewrapped: number; readonly destroyedRoots: number }>;
  /** Whether a rotation was interrupted: call `rotateRoot` to finish it. */
  readonly rotationPending: boolean;
  /** Every difference between the places and, unless only `names` are asked for, every entry that does not open.
   * Changes nothing. */
  check(depth?: RingDepth): AsyncGenerator<RingFinding, void, undefined>;
  /** Which places have a key file and a tombstone of this id, by name; nothing is opened or mended. */
  locate(id: string): Promise<KeyLocation>;
  /** Mends what `check` finds and one good copy can mend; kills keys that have a tombstone. */
  repair(): Promise<RepairReport>;
}

export interface KeyRingOptions {
  /** Two folders, on two disks where there are two. One process at a time may write to them. */
  readonly places: readonly [string, string];
  readonly rootFolder: string;
  /** Milliseconds since 1970, for tombstones. Default `Date.now`. */
  readonly now?: () => number;
  /** For `sworn fsck`: nothing is made, mended or written. */
  readonly readOnly?: boolean;
  /** False leaves the sweep at opening to `repair`, for a ring of millions; reads respect tombstones anyway. */
  readonly repairAtOpen?: boolean;
  /** Told of what the sweep at opening mended; not called where the two places agreed. */
  readonly onMended?: (report: RepairReport) => void;
  readonly fs?: { readonly places: readonly [StoreFs, StoreFs]; readonly roots: StoreFs };
  /** Default: files in `rootFolder`. */
  readonly roots?: RootKeys;
}

class Ring implements KeyRing {
  readonly #places: readonly Place[];
  readonly #roots: RootKeys;
  readonly #now: () => number;
  readonly #readOnly: boolean;
  readonly #turns = new TurnTaker();
  readonly #rotations = new TurnTaker();

  constructor(places: readonly Place[], roots: RootKeys, now: () => number, readOnly: boolean) {
    this.#places = places;
    this.#roots = roots;
    this.#now = now;
    this.#readOnly = readOnly;
  }

  async put(id: string, key: Uint8Array): Promise<PutOutcome> {
    requireShortId(id, "a key id");
    if (key.byteLength < 1 || key.byteLength > LARGEST_SECRET_BYTES) {
      throw new VaultError("bad-argument", "a key of the ring is 1 to 4096 bytes");
    }
    return await this.#turns.take(id, async () => {
      for (const place of this.#places) place.requireWritable();
      const found = await this.#find(id);
      if (found.kind === "destroyed") return found;
      if (found.kind === "key") {
        const same = found.key.byteLength === key.byteLength && timingSafeEqual(found.key, key);
        if (!same) return { kind: "conflict" };
        // The earlier put may have been cut off between its rename and its sync.
        for (const place of this.#places) await place.settle("key", id);
        return { kind: "present" };
      }
      const record = await sealRecord(this.#roots, this.#currentRoot(), id, key);
      for (const place of this.#places) await place.write("key", id, record);
      return { kind: "stored" };
    });
  }

  async get(id: string): Promise<GetOutcome> {
    requireShortId(id, "a key id");
    return await this.#turns.take(id, () => this.#find(id, true));
  }

  async has(id: string): Promise<boolean> {
    return (await this.get(id)).kind === "key";
  }

  async delete(
    id: string,
  ): Promise<{ readonly kind: "destroyed"; readonly destroyedAtMs: number | undefined }> {
    requireShortId(id, "a key id");
    return await this.#turns.take(id, async () => {
      for (const place of this.#places) place.requireWritable();
      const earlier = await this.#tombstone(id);
      const destroyedAtMs = earlier === undefined ? this.#now() : earlier.destroyedAtMs;
      // Tombstones first: from here on a crash can only finish the destruction.
      for (const place of this.#places) {
        if ((await place.read("tombstone", id)) === undefined) {
          await place.write("tombstone", id, encodeTombstone(id, destroyedAtMs ?? this.#now()));
        } else {
          await place.settle("tombstone", id);
        }
      }
      for (const place of this.#places) await place.remove("key", id);
      return { kind: "destroyed", destroyedAtMs };
    });
  }

  async *list(): AsyncGenerator<string, void, undefined> {
    for (const shard of allShards()) {
      const ids = new Set<string>();
      const dead = new Set<string>();
      for (const place of this.#places) {
        for (const id of (await place.list("key", shard)).ids) ids.add(id);
        for (const id of (await place.list("tombstone", shard)).ids) dead.add(id);
      }
      for (const id of [...ids].sort()) if (!dead.has(id)) yield id;
    }
  }

  get rotationPending(): boolean {
    return this.#roots.ids().length > 1;
  }

  async rotateRoot(): Promise<{ readonly rewrapped: number; readonly destroyedRoots: number }> {
    return await this.#rotations.take("root", () => this.#rotate());
  }

  async #rotate(): Promise<{ readonly rewrapped: number; readonly destroyedRoots: number }> {
    for (const place of this.#places) place.requireWritable();
    if (!this.rotationPending) await this.#roots.create();
    // A put that chose the old root before the new one came must be seen by the pass below.
    await this.#turns.settled();
    await this.repair();
    const current = this.#currentRoot();
    let rewrapped = 0;
    for await (const id of this.list()) {
      if (await this.#turns.take(id, () => this.#rewrap(id, current))) rewrapped += 1;
    }
    await this.#requireNothingUnderOldRoots(current);
    const old = this.#roots.ids().filter((id) => id !== current);
    for (const id of old) await this.#roots.destroy(id);
    return { rewrapped, destroyedRoots: old.length };
  }

  async *check(depth: RingDepth = "keys"): AsyncGenerator<RingFinding, void, undefined> {
    yield* checkRing(this.#places, this.#roots, depth);
  }

  async locate(id: string): Promise<KeyLocation> {
    requireShortId(id, "a key id");
    const [first, second] = this.#places;
    const has = async (place: Place | undefined, kind: "key" | "tombstone"): Promise<boolean> =>
      (await place?.has(kind, id)) ?? false;
    return {
      keys: [await has(first, "key"), await has(second, "key")],
      tombstones: [await has(first, "tombstone"), await has(second, "tombstone")],
    };
  }

  async repair(): Promise<RepairReport> {
    return await repairRing(this.#places, this.#roots, this.#turns, "keys");
  }

  /** What opening does: kills destroyed keys and copies missing ones, without opening those that are there. */
  async sweep(): Promise<RepairReport> {
    return await repairRing(this.#places, this.#roots, this.#turns, "names");
  }

  #currentRoot(): string {
    const current = this.#roots.ids().at(-1);
    if (current === undefined) throw new VaultError("root-missing", "the key ring has no root key");
    return current;
  }

  // With `tolerant`, one place that cannot be read does not keep the other from answering: a certificate is only
  // given once both have the tombstone.
  async #tombstone(id: string, tolerant = false): Promise<{ destroyedAtMs: number | undefined } | undefined> {
    let found: { destroyedAtMs: number | undefined } | undefined;
    const faults: unknown[] = [];
    for (const place of this.#places) {
      try {
        const bytes = await place.read("tombstone", id);
        if (bytes !== undefined) found = { destroyedAtMs: found?.destroyedAtMs ?? decodeTombstone(bytes) };
      } catch (error) {
        faults.push(error);
      }
    }
    if (found === undefined && faults.length > (tolerant ? 1 : 0)) throw faults[0];
    return found;
  }

  async #find(id: string, tolerant = false): Promise<GetOutcome> {
    const tombstone = await this.#tombstone(id, tolerant);
    if (tombstone !== undefined) return { kind: "destroyed", ...tombstone };
    const copies: Copy[] = [];
    for (const place of this.#places) copies.push(await copyIn(place, this.#roots, id));
    const [first, ...others] = copies.filter((copy) => copy.kind === "good");
    if (first === undefined) {
      const damaged = copies.find((copy) => copy.kind === "damaged");
      if (damaged === undefined) return { kind: "unknown" };
      throw new VaultError(
        "ring-damaged",
        `neither place has the key ${id} whole; restore the ring's backup`,
        {
          cause: damaged.fault,
        },
      );
    }
    if (others.some((copy) => !copy.key.equals(first.key))) {
      throw new VaultError(
        "ring-damaged",
        `the two places hold different keys for ${id}; compare with a backup`,
      );
    }
    if (!this.#readOnly) {
      for (const copy of copies) if (copy.kind !== "good") await this.#mend(copy.place, id, first.record);
    }
    return { kind: "key", key: first.key };
  }

  // A disk that cannot be written must not keep a key from being read; `check` names what stays broken.
  async #mend(place: Place, id: string, record: Uint8Array): Promise<void> {
    try {
      await place.write("key", id, record);
    } catch (error) {
      if (!(error instanceof VaultError)) throw error;
    }
  }

  async #rewrap(id: string, rootId: string): Promise<boolean> {
    const found = await this.#find(id);
    if (found.kind !== "key") return false;
    const record = await sealRecord(this.#roots, rootId, id, found.key);
    let changed = false;
    for (const place of this.#places) {
      const bytes = await place.read("key", id);
      if (bytes !== undefined && rootOfRecord(bytes) === rootId) continue;
      await place.write("key", id, record);
      changed = true;
    }
    return changed;
  }

  async #requireNothingUnderOldRoots(current: string): Promise<void> {
    for (const place of this.#places) {
      for (const shard of allShards()) {
        for (const id of (await place.list("key", shard)).ids) {
          const bytes = await place.read("key", id);
          if (bytes !== undefined && rootOfRecord(bytes) !== current) {
            throw new VaultError("ring-damaged", `${id} is still under an old root; run the ring's repair`);
          }
          await place.settle("key", id);
        }
      }
    }
  }
}

/** Opens a key ring; the first opening makes it. Throws `ring-mismatch` where the folders are not the two places
 * of one ring, `root-missing` and `ring-damaged` as the parts do. */
export async function openKeyRing(options: KeyRingOptions): Promise<KeyRing> {
  const { readOnly = false, now = Date.now, repairAtOpen = true } = options;
  const fs = options.fs ?? { places: [nodeStoreFs, nodeStoreFs], roots: nodeStoreFs };
  const places = ([0, 1] as const).map(
    (number) => new Place(new Volume(fs.places[number], { readOnly }), options.places[number], number),
  );
  if (!readOnly) for (const place of places) await place.prepare();
  const ringId = await ringOf(places);
  // Roots before names: a ring that has a name and no root lost its roots, and is never given new ones.
  const rootVolume = new Volume(fs.roots, { readOnly });
  const mayCreate = ringId === undefined && !readOnly;
  const roots =
    options.roots ?? (await openRootKeys(rootVolume, options.rootFolder, { readOnly, mayCreate }));
  if (!readOnly) await nameRing(places, ringId ?? randomBytes(16).toString("hex"));
  const ring = new Ring(places, roots, now, readOnly);
  if (!readOnly && repairAtOpen) {
    const report = await ring.sweep();
    if (report.copied + report.killed + report.unmended > 0) options.onMended?.(report);
  }
  return ring;
}
