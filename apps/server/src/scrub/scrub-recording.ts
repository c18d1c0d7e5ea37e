// Reads what is stored of one recording against its hashes, and tells people of damage. No key is needed, and nothing is
// changed: a damaged object stays as it is, for whoever repairs it from a copy.
import type { ForceId } from "@sworn/contract";
import type { ObjectStore } from "@sworn/vault";
import { hash } from "node:crypto";
import { manifestObjectKey, receiptObjectKey } from "../evidence/index.ts";
import { recordFinding } from "../findings/index.ts";
import type { Clock } from "../platform/clock.ts";
import { withForce, type Database } from "../platform/database/database.ts";
import type { Log } from "../platform/log.ts";
import { advance, endPass, isStillKept, nextToScrub, type ToScrub } from "./store.ts";

export interface ScrubPorts {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly store: Pick<ObjectStore, "check" | "stat">;
}

export interface Scrubbed {
  /** False: the pass is at its end. */
  readonly isMore: boolean;
  readonly bytes: number;
  readonly damaged: number;
}

export async function scrubNext(ports: ScrubPorts, forceId: ForceId): Promise<Scrubbed> {
  const { database, clock } = ports;
  const actor = { forceId, personId: null };
  const subject = await withForce(database, actor, nextToScrub);
  if (subject === null) {
    await withForce(database, actor, (tx) => endPass(tx, new Date(clock.nowMs())));
    return { isMore: false, bytes: 0, damaged: 0 };
  }
  const keys = keysOf(forceId, subject);
  const faults: { key: string; detail: string }[] = [];
  let bytes = 0;
  for (const key of keys) {
    bytes += await storedBytes(ports, key);
    for (const { kind, partNumber, detail } of await ports.store.check(key, "hash")) {
      const part = partNumber === undefined ? "" : `, part ${partNumber.toString()}`;
      faults.push({ key, detail: `${kind}${part}: ${detail}` });
    }
  }
  const damaged = await withForce(database, actor, async (tx) => {
    const found = faults.length > 0 && (await isStillKept(tx, subject.id)) ? faults : [];
    for (const { key, detail } of found) {
      const about = { kind: "altered", recordingId: subject.id, subject: `stored ${key}` } as const;
      await recordFinding(tx, { ...about, detail: { object: key, problem: detail } }, clock.nowMs());
    }
    await advance(tx, forceId, {
      ...{ position: subject.id, objects: keys.length, bytes, damaged: found.length },
      now: new Date(clock.nowMs()),
    });
    return found.length;
  });
  if (damaged > 0) ports.log.error("stored bytes are damaged", { forceId, recording: subject.id, faults });
  return { isMore: true, bytes, damaged };
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

async function storedBytes(ports: ScrubPorts, key: string): Promise<number> {
  const stat = await ports.store.stat(key);
  return stat.kind === "complete" ? stat.sizeBytes : 0;
}
