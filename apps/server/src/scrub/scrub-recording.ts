// Reads what is stored of one recording, and moves the pass on.
import { hash } from "node:crypto";
import type { ForceId } from "@sworn/contract";
import { manifestObjectKey, receiptObjectKey } from "../evidence/index.ts";
import { withForce } from "../platform/database/database.ts";
import { settleObject, type ScrubPorts } from "./settle-object.ts";
import { advance, endPass, nextToScrub, type ToScrub } from "./store.ts";

export interface Scrubbed {
  /** False: the pass is at its end. */
  readonly isMore: boolean;
  /** Read from the disks; with a second store, from both. */
  readonly bytes: number;
  readonly damaged: number;
  readonly mended: number;
}

export async function scrubNext(ports: ScrubPorts, forceId: ForceId): Promise<Scrubbed> {
  const { database, clock } = ports;
  const actor = { forceId, personId: null };
  const subject = await withForce(database, actor, nextToScrub);
  if (subject === null) {
    await withForce(database, actor, (tx) => endPass(tx, new Date(clock.nowMs())));
    return { isMore: false, bytes: 0, damaged: 0, mended: 0 };
  }
  const keys = keysOf(forceId, subject);
  let [bytes, damaged, mended] = [0, 0, 0];
  for (const key of keys) {
    bytes += await storedBytes(ports, key);
    const settled = await settleObject(ports, { forceId, key, recordingId: subject.id });
    damaged += settled.isDamaged ? 1 : 0;
    mended += settled.isMended ? 1 : 0;
  }
  await withForce(database, actor, (tx) =>
    advance(tx, forceId, {
      ...{ position: subject.id, objects: keys.length, bytes, damaged },
      now: new Date(clock.nowMs()),
    }),
  );
  return { isMore: true, bytes, damaged, mended };
}

function keysOf(forceId: ForceId, subject: ToScrub): string[] {
  const { id, manifest, mediaKey, hasReceipt, derivativeKeys } = subject;
  return [
    mediaKey,
    ...(manifest === null ? [] : [manifestObjectKey(forceId, id, hash("sha256", manifest, "buffer"))]),
    ...(hasReceipt ? [receiptObjectKey(forceId, id)] : []),
    ...derivativeKeys,
  ];
}

/** An index that cannot be read counts for nothing: its damage is told by the check. */
export async function storedBytes(ports: Pick<ScrubPorts, "store" | "pair">, key: string): Promise<number> {
  try {
    const stat = await ports.store.stat(key);
    const copies = ports.pair === null ? 1 : 2;
    return stat.kind === "complete" ? stat.sizeBytes * copies : 0;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "object-damaged") return 0;
    throw error;
  }
}
