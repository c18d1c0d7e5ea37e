// Opens the vault of a data folder: the key ring in its two places, the object store, and the second one where there is
// one. One process owns all of them, by the data folder's lock.
import {
  openFolderStore,
  openKeyRing,
  pairStores,
  type FolderStore,
  type KeyRing,
  type PairedStore,
} from "@sworn/vault";
import { locateSecondKeys, locateSecondStore } from "./other-disks.ts";
import type { Clock } from "./platform/clock.ts";
import type { Configuration } from "./platform/configuration.ts";
import type { DataFolder } from "./platform/data-folder.ts";
import type { Log } from "./platform/log.ts";

export interface Vault {
  readonly keys: KeyRing;
  /** With a second store, both as one. */
  readonly store: FolderStore;
  readonly pair: PairedStore | null;
  /** Absolute path of the object store. */
  readonly storeRoot: string;
}

export interface VaultOptions {
  readonly clock: Clock;
  /** For checks: nothing is made, mended or swept, and the second store is left alone. */
  readonly readOnly?: boolean;
  readonly log?: Log;
  /** Unless given, what the data folder remembers. */
  readonly places?: Pick<Configuration, "secondStore" | "secondKeys">;
  /** Told of every object that has become complete, where there is a second store. */
  readonly onStored?: (key: string, sizeBytes: number) => void;
}

/** Throws `PlatformError` or `VaultError` with a message for the operator. */
export async function openVault(folder: Pick<DataFolder, "part">, given: VaultOptions): Promise<Vault> {
  const readOnly = given.readOnly ?? false;
  const { secondKeys, secondStore } = given.places ?? { secondKeys: null, secondStore: null };
  const keys = await openKeyRing({
    places: [folder.part("keys", "place-1"), await locateSecondKeys(folder, secondKeys, readOnly)],
    rootFolder: folder.part("keys", "roots"),
    now: () => given.clock.nowMs(),
    onMended: (report) =>
      given.log?.error("the two places of the key ring differed; one was mended from the other", {
        ...report,
      }),
    readOnly,
  });
  const storeRoot = folder.part("objects");
  const first = await openFolderStore({ root: storeRoot, readOnly });
  const secondRoot = readOnly ? null : await locateSecondStore(folder, secondStore, readOnly);
  if (secondRoot === null) return { keys, storeRoot, store: first, pair: null };
  const second = await openFolderStore({ root: secondRoot });
  const pair = pairStores(first, second, (key, sizeBytes) => given.onStored?.(key, sizeBytes));
  return { keys, storeRoot, store: pair, pair };
}
