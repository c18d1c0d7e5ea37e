// Power cuts of the vault: store, key ring, log folder and durable files on one file system. Most rounds do one life up to
// one act and cut the power as soon as that is acknowledged: more writes would bring a missing folder sync to the disk after
// all. Every fourth round is cut in the midst of lives.
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { BrokenPromise } from "../faults/acknowledgements.ts";
import { type Seeded, seeded } from "../faults/seeded.ts";
import { startTelling } from "../faults/told-lines.ts";
import { LoopVolume } from "./loop-volume.ts";
import { acts } from "./vault-acts.ts";
import { VaultPromises } from "./vault-promises.ts";

const program = fileURLToPath(new URL("vault-process.ts", import.meta.url));

export interface CutOptions {
  readonly cuts: number;
  readonly seed: number;
  readonly onCut?: (line: string) => void;
}

export interface CutReport {
  readonly cuts: number;
  readonly acknowledged: number;
}

interface VaultCut {
  readonly life: string;
  /** The act after whose acknowledgement the power goes, or a time in the midst of many. */
  readonly at: string | { readonly afterMs: number };
  readonly how?: "real" | "no-folder-sync";
  readonly through?: readonly string[];
}

/** One cut; leaves the volume mounted again. */
export async function cutVault(volume: LoopVolume, promises: VaultPromises, cut: VaultCut): Promise<void> {
  const root = join(volume.mount, "vault");
  const stopAt = typeof cut.at === "string" ? cut.at : "on";
  const words = [root, cut.life, stopAt, cut.how ?? "real"];
  const telling = startTelling(program, words, cut.through === undefined ? {} : { through: cut.through });
  try {
    const word = typeof cut.at === "string" ? "stopped" : "ready";
    if ((await telling.said(word)) === null) throw new BrokenPromise(`it did not work: ${telling.stderr()}`);
    if (typeof cut.at !== "string") await wait(cut.at.afterMs);
    await volume.cutPower();
  } finally {
    await telling.kill();
  }
  // What it told between the cut and its end it may have been told wrongly only if it was told wrongly.
  for (const { word, rest } of telling.lines) promises.hear(word, rest);
  await volume.unplug();
  await volume.plugIn();
}

/** @throws BrokenPromise at the first cut that loses what was acknowledged. */
export async function vaultCuts({ cuts, seed, onCut }: CutOptions): Promise<CutReport> {
  const random = seeded(seed);
  const volume = await LoopVolume.make(512 * 1024 * 1024);
  const promises = new VaultPromises();
  try {
    for (let at = 1; at <= cuts; at += 1) {
      const cut = chooseCut(at, random);
      await cutVault(volume, promises, cut);
      await promises.check(join(volume.mount, "vault"));
      const when =
        typeof cut.at === "string" ? `after ${cut.at}` : `${cut.at.afterMs.toFixed(0)} ms into many`;
      onCut?.(
        `vault cut ${at.toString()}, ${when}: ${promises.acknowledged.toString()} acknowledgements hold`,
      );
    }
    return { cuts, acknowledged: promises.acknowledged };
  } finally {
    volume.discardNow();
  }
}

function chooseCut(at: number, random: Seeded): VaultCut {
  const life = `life-${at.toString()}`;
  if (at % 4 === 0) return { life, at: { afterMs: random.next() * 400 } };
  return { life, at: random.pick(acts) };
}
