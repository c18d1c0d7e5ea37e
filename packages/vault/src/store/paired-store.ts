// Two stores as one: written and read is the first, and the second has a copy of every complete object. Guarantees that a
// delete has removed an object from both on return, whatever copies or mends it meanwhile: per object, one act at a time.
// What is in the second and not in the first was lost there, since a delete begins with the second.

import { TurnTaker } from "../ring/turn-taker.ts";
import { sameParts } from "./claimed-parts.ts";
import type { FolderStore } from "./folder-store.ts";
import type { MendOutcome } from "./mend-object.ts";
import type { CompleteOutcome, ObjectFinding, ObjectStat } from "./object-store.ts";

/** What was found in a store, and what came of it. Nothing found: `whole`, and no findings. */
interface SideOutcome {
  readonly findings: readonly ObjectFinding[];
  readonly mended: MendOutcome;
}

export type SettleOutcome =
  | { readonly kind: "settled"; readonly first: SideOutcome; readonly second: SideOutcome }
  /** It is in neither store. */
  | { readonly kind: "absent" }
  /** `isWanted` said no; nothing was changed. */
  | { readonly kind: "unwanted" };

/** What was found in each of the two; empty: it is whole there. */
export interface Damage {
  readonly first: readonly ObjectFinding[];
  readonly second: readonly ObjectFinding[];
}

export interface PairedStore extends FolderStore {
  /** Copies a complete object that the second store does not have. `differs`: it has another one, see `settle`. */
  copy(key: string): Promise<"copied" | "present" | "absent" | "differs">;
  /** Reads every byte of an object in both stores and mends each from the other. `isWanted` is asked before anything is
   * mended, while nobody can delete the object. */
  settle(key: string, isWanted: (damage: Damage) => Promise<boolean>): Promise<SettleOutcome>;
  /** Removes from the second store what the first does not have. False: the first has it. */
  dropCopy(key: string): Promise<boolean>;
  readonly second: Pick<FolderStore, "list" | "stat" | "check">;
}

/** `onComplete` is told of every object that became complete; it must not throw. */
export function pairStores(
  first: FolderStore,
  second: FolderStore,
  onComplete: (key: string, sizeBytes: number) => void,
): PairedStore {
  return new Pair(first, second, onComplete);
}

const whole: SideOutcome = { findings: [], mended: { kind: "whole" } };

class Pair implements PairedStore {
  readonly #first: FolderStore;
  readonly #second: FolderStore;
  readonly #onComplete: (key: string, sizeBytes: number) => void;
  readonly #turns = new TurnTaker();
  // What is being copied or mended, to be given up for a delete.
  readonly #inHand = new Map<string, AbortController>();

  constructor(first: FolderStore, second: FolderStore, onComplete: (key: string, sizeBytes: number) => void) {
    this.#first = first;
    this.#second = second;
    this.#onComplete = onComplete;
  }

  get minPartBytes(): number {
    return this.#first.minPartBytes;
  }

  get recovered(): FolderStore["recovered"] {
    return this.#first.recovered;
  }

  get second(): Pick<FolderStore, "list" | "stat" | "check"> {
    return this.#second;
  }

  beginPart: FolderStore["beginPart"] = (...given) => this.#first.beginPart(...given);
  putPart: FolderStore["putPart"] = (...given) => this.#first.putPart(...given);
  abort: FolderStore["abort"] = (...given) => this.#first.abort(...given);
  stat: FolderStore["stat"] = (...given) => this.#first.stat(...given);
  openObject: FolderStore["openObject"] = (...given) => this.#first.openObject(...given);
  getRange: FolderStore["getRange"] = (...given) => this.#first.getRange(...given);
  list: FolderStore["list"] = (...given) => this.#first.list(...given);
  check: FolderStore["check"] = (...given) => this.#first.check(...given);
  mendFrom: FolderStore["mendFrom"] = (...given) => this.#first.mendFrom(...given);

  complete: FolderStore["complete"] = async (key, parts) =>
    this.#completed(key, await this.#first.complete(key, parts));

  putObject: FolderStore["putObject"] = async (key, bytes) =>
    this.#completed(key, await this.#first.putObject(key, bytes));

  delete: FolderStore["delete"] = async (key) => {
    // Given up before the turn is asked for: a copy of many gigabytes must not keep a destruction waiting.
    this.#inHand.get(key)?.abort(new Error("the object is being deleted"));
    return this.#turns.take(key, async () => {
      const isInProgress = await this.#isInProgress(key);
      if (!isInProgress) await this.#second.delete(key);
      return this.#first.delete(key);
    });
  };

  copy: PairedStore["copy"] = (key) =>
    this.#turns.take(key, async () => {
      const here = await this.#first.stat(key);
      if (here.kind !== "complete") return "absent";
      const there = await statOrNull(this.#second, key);
      if (there === null) return "differs";
      if (there.kind === "complete") return sameParts(there.parts, here.parts) ? "present" : "differs";
      const outcome = await this.#giveUp(key, (signal) => this.#second.mendFrom(key, this.#first, signal));
      return outcome === undefined ? "absent" : outcome.kind === "unmended" ? "differs" : "copied";
    });

  settle: PairedStore["settle"] = (key, isWanted) =>
    this.#turns.take(key, async () => {
      const [here, there] = [await this.#read(this.#first, key), await this.#read(this.#second, key)];
      if (here === null && there === null) return { kind: "absent" };
      if (here?.length === 0 && there?.length === 0) return { kind: "settled", first: whole, second: whole };
      const damage = { first: here ?? [missing], second: there ?? [missing] };
      if (!(await isWanted(damage))) return { kind: "unwanted" };
      return this.#mendBoth(key, damage);
    });

  dropCopy: PairedStore["dropCopy"] = (key) =>
    this.#turns.take(key, async () => {
      if ((await statOrNull(this.#first, key))?.kind !== "absent") return false;
      await this.#second.delete(key);
      return true;
    });

  async #mendBoth(key: string, { first: here, second: there }: Damage): Promise<SettleOutcome> {
    const settled = await this.#giveUp(key, async (signal) => {
      // The first from the second, then back: what each lacks the other may have, part by part.
      const first = here.length === 0 ? whole.mended : await this.#first.mendFrom(key, this.#second, signal);
      const second =
        there.length === 0 ? whole.mended : await this.#second.mendFrom(key, this.#first, signal);
      const again = first.kind === "unmended" && second.kind === "mended";
      return { first: again ? await this.#first.mendFrom(key, this.#second, signal) : first, second };
    });
    if (settled === undefined) return { kind: "unwanted" };
    return {
      kind: "settled",
      first: { findings: here, mended: settled.first },
      second: { findings: there, mended: settled.second },
    };
  }

  /** Undefined: a delete came, and the work was given up. */
  async #giveUp<T>(key: string, work: (signal: AbortSignal) => Promise<T>): Promise<T | undefined> {
    const giving = new AbortController();
    this.#inHand.set(key, giving);
    try {
      return await work(giving.signal);
    } catch (error) {
      if (giving.signal.aborted) return undefined;
      throw error;
    } finally {
      this.#inHand.delete(key);
    }
  }

  /** Null: it is not there, or not complete. */
  async #read(store: FolderStore, key: string): Promise<ObjectFinding[] | null> {
    const stat = await statOrNull(store, key);
    if (stat !== null && stat.kind === "absent") return null;
    return store.check(key, "hash");
  }

  async #isInProgress(key: string): Promise<boolean> {
    return (await statOrNull(this.#first, key))?.kind === "in-progress";
  }

  #completed(key: string, outcome: CompleteOutcome): CompleteOutcome {
    if (outcome.kind !== "conflict") this.#onComplete(key, outcome.sizeBytes);
    return outcome;
  }
}

const missing: ObjectFinding = { kind: "missing", detail: "the object is gone" };

/** Null where its index cannot be read. */
async function statOrNull(store: Pick<FolderStore, "stat">, key: string): Promise<ObjectStat | null> {
  try {
    return await store.stat(key);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "object-damaged") return null;
    throw error;
  }
}
