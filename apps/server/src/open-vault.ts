// Opens the vault of a data folder: the key ring in its two places, and the object store. One process owns both, by
// the data folder's lock.
import { openFolderStore, openKeyRing, type FolderStore, type KeyRing } from "@sworn/vault";
import type { Clock } from "./platform/clock.ts";
import type { DataFolder } from "./platform/data-folder.ts";
import type { Log } from "./platform/log.ts";

export interface Vault {
  readonly keys: KeyRing;
  readonly store: FolderStore;
  /** Absolute path of the object store. */
  readonly storeRoot: string;
}

/** `readOnly` is for checks: nothing is made, mended or swept. */
export async function openVault(
  folder: Pick<DataFolder, "part">,
  given: { readonly clock: Clock; readonly readOnly?: boolean; readonly log?: Log },
): Promise<Vault> {
  const readOnly = given.readOnly ?? false;
  const keys = await openKeyRing({
    places: [folder.part("keys", "place-1"), folder.part("keys", "place-2")],
    rootFolder: folder.part("keys", "roots"),
    now: () => given.clock.nowMs(),
    onMended: (report) =>
      given.log?.error("the two places of the key ring differed; one was mended from the other", { ...report }),
    readOnly,
  });
  const storeRoot = folder.part("objects");
  return { keys, storeRoot, store: await openFolderStore({ root: storeRoot, readOnly }) };
}
