// Work on a complete object that is too much for the main thread: measure parts, hash the whole.
import type { ObjectStore } from "@sworn/vault";
import { IntakeFault, type MeasuredPart } from "./intake-job.ts";
import { hashStored, measureStored } from "./measure-stored.ts";
import type { PartKey } from "./measure-part.ts";

export type StoredTask =
  | {
      readonly kind: "measure";
      readonly objectKey: string;
      readonly key: PartKey;
      readonly storedBytes: readonly number[];
      readonly wanted: readonly number[];
    }
  | { readonly kind: "hash"; readonly objectKey: string };

export type StoredTaskResult =
  | { readonly kind: "measured"; readonly parts: readonly MeasuredPart[] }
  | { readonly kind: "hashed"; readonly hash: Uint8Array };

export async function runStoredTask(store: ObjectStore, task: StoredTask): Promise<StoredTaskResult> {
  const opened = await store.openObject(task.objectKey);
  if (opened.kind === "absent") throw new IntakeFault("fault", "The object to be read is not complete.");
  if (task.kind === "hash") return { kind: "hashed", hash: await hashStored(opened.object) };
  return {
    kind: "measured",
    parts: await measureStored(opened.object, task.key, task.storedBytes, task.wanted),
  };
}
