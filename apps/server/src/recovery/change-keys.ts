// The keys of the change log: one a file, in the key ring. With its key a file that was replaced becomes unreadable.
import type { ForceId } from "@sworn/contract";
import type { KeyRing } from "@sworn/vault";
import { RecoveryFault } from "./recovery-fault.ts";

export type ChangeKeyRing = Pick<KeyRing, "get" | "put" | "delete">;

const changeKeyId = (forceId: ForceId, epoch: number): string => `changes/${forceId}/${epoch.toString()}`;

/** Null: the id is used up or destroyed; the next epoch is to be tried. */
export async function makeChangeKey(
  ring: ChangeKeyRing,
  forceId: ForceId,
  epoch: number,
): Promise<Uint8Array | null> {
  const key = crypto.getRandomValues(new Uint8Array(32));
  const put = await ring.put(changeKeyId(forceId, epoch), key);
  return put.kind === "stored" ? key : null;
}

/** @throws RecoveryFault `changes-damaged` without the key; VaultError where the ring cannot be read */
export async function readChangeKey(
  ring: Pick<ChangeKeyRing, "get">,
  forceId: ForceId,
  epoch: number,
): Promise<Uint8Array> {
  const found = await ring.get(changeKeyId(forceId, epoch));
  if (found.kind === "key") return found.key;
  throw new RecoveryFault(
    "changes-damaged",
    `The key ring has no key for file ${epoch.toString()} of the change log. Restore the ring's newest backup.`,
  );
}

export async function destroyChangeKey(ring: ChangeKeyRing, forceId: ForceId, epoch: number): Promise<void> {
  await ring.delete(changeKeyId(forceId, epoch));
}
