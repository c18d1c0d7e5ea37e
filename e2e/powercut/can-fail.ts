// The suite proves that it can fail: what is known to lose data must lose it here. Each returns what was found to be lost
// after one acknowledged object and a cut, or null where the loss was not found, which is a fault of the suite.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { BrokenPromise } from "../faults/acknowledgements.ts";
import { startTelling } from "../faults/told-lines.ts";
import { LoopVolume } from "./loop-volume.ts";
import { bytesOf } from "./vault-acts.ts";
import { cutVault } from "./vault-cuts.ts";
import { VaultPromises } from "./vault-promises.ts";

const VOLUME_BYTES = 256 * 1024 * 1024;
const TUS_BYTES = 1_000_000;

type Saboteur = { readonly how: "no-folder-sync" } | { readonly through: readonly string[] };

async function lossOf(saboteur: Saboteur): Promise<string | null> {
  const volume = await LoopVolume.make(VOLUME_BYTES);
  const promises = new VaultPromises();
  try {
    // An honest life first, so that what is lost is the object and not the folders around it.
    await cutVault(volume, promises, { life: "honest", at: "part-one" });
    await promises.check(join(volume.mount, "vault"));
    await volume.unplug();
    await volume.plugIn();
    await cutVault(volume, promises, { life: "sabotaged", at: "part-one", ...saboteur });
    await promises.check(join(volume.mount, "vault"));
    return null;
  } catch (cause) {
    if (cause instanceof BrokenPromise) return cause.message;
    throw cause;
  } finally {
    volume.discardNow();
  }
}

/** The store with its folder syncs taken out. */
export function withoutFolderSync(): Promise<string | null> {
  return lossOf({ how: "no-folder-sync" });
}

/** The store under `eatmydata`, which makes every sync return at once with nothing done. */
export function underEatmydata(): Promise<string | null> {
  return lossOf({ through: ["eatmydata"] });
}

/** `@tus/server` with its file store. */
export async function onTusFileStore(): Promise<string | null> {
  const volume = await LoopVolume.make(VOLUME_BYTES);
  try {
    const name = "acknowledged";
    const folder = join(volume.mount, "tus");
    const program = fileURLToPath(new URL("tus-process.ts", import.meta.url));
    const telling = startTelling(program, [folder, name, TUS_BYTES.toString()]);
    try {
      if ((await telling.said("acknowledged")) === null)
        throw new Error(`the upload was not acknowledged: ${telling.stderr()}`);
      await volume.cutPower();
    } finally {
      await telling.kill();
    }
    await volume.unplug();
    await volume.plugIn();
    const found = await readFile(join(folder, name)).catch(() => null);
    if (found === null) return `${name} is lost`;
    if (found.equals(bytesOf(name, TUS_BYTES))) return null;
    return `${name} has ${found.length.toString()} bytes of ${TUS_BYTES.toString()}, or other ones`;
  } finally {
    volume.discardNow();
  }
}
