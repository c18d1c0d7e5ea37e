// Reads one stored object against its hashes, tells people of damage, and mends it from the second store where there is
// one. The finding stands before anything is mended, so that a crash on the way leaves it; it is resolved with an entry in
// the ledger when the object is whole. Without a second store nothing is changed.
import type { FindingId, ForceId, RecordingId } from "@sworn/contract";
import { parseId } from "@sworn/custody";
import type { ObjectFinding, ObjectStore, PairedStore } from "@sworn/vault";
import { recordFinding } from "../findings/index.ts";
import type { Ledger } from "../ledger/index.ts";
import type { Clock } from "../platform/clock.ts";
import { withForce, type Database, type ForceTransaction } from "../platform/database/database.ts";
import type { Log } from "../platform/log.ts";
import { closeDamage, countMended, isWanted } from "./objects-store.ts";

export interface ScrubPorts {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly ledger: Pick<Ledger, "stage">;
  readonly store: Pick<ObjectStore, "check" | "stat" | "list">;
  /** Both stores as one; null where there is one only. */
  readonly pair: Pick<PairedStore, "settle"> | null;
}

export interface ObjectName {
  readonly forceId: ForceId;
  readonly key: string;
  readonly recordingId: RecordingId | null;
}

export interface Settled {
  /** Damaged in the first store, mended or not. */
  readonly isDamaged: boolean;
  /** Made whole in either store. */
  readonly isMended: boolean;
}

const nothing: Settled = { isDamaged: false, isMended: false };

export async function settleObject(ports: ScrubPorts, name: ObjectName): Promise<Settled> {
  const { key } = name;
  if (ports.pair === null) {
    const found = await ports.store.check(key, "hash");
    if (found.length === 0) return markWhole(ports, name, "read again and found whole");
    return { isDamaged: await tell(ports, name, found), isMended: false };
  }
  const outcome = await ports.pair.settle(key, (damage) => tellWanted(ports, name, damage.first));
  if (outcome.kind === "absent") {
    const gone = { kind: "missing", detail: "the object is gone from both stores" } as const;
    return { isDamaged: await tell(ports, name, [gone]), isMended: false };
  }
  if (outcome.kind === "unwanted") return nothing;
  const { first, second } = outcome;
  if (second.findings.length > 0 && second.mended.kind !== "mended")
    ports.log.error("a copy in the second store is damaged", { key, ...second.mended });
  if (first.mended.kind === "unmended") {
    ports.log.error("stored bytes are damaged, and so is their copy", { key, detail: first.mended.detail });
    return { isDamaged: true, isMended: false };
  }
  const how = first.mended.kind === "mended" ? "mended from the second store" : "read again and found whole";
  await markWhole(ports, name, how);
  const isMended = first.mended.kind === "mended" || second.mended.kind === "mended";
  if (isMended) ports.log.warn("stored bytes were mended from the other store", { key, first, second });
  return { isDamaged: first.findings.length > 0, isMended };
}

const actorOf = ({ forceId }: ObjectName) => ({ forceId, personId: null });

/** False: the object need not be there any more, and nothing was told. */
async function tell(ports: ScrubPorts, name: ObjectName, found: readonly ObjectFinding[]): Promise<boolean> {
  return withForce(ports.database, actorOf(name), (tx) => tellIn(ports, tx, name, found));
}

async function tellWanted(
  ports: ScrubPorts,
  name: ObjectName,
  found: readonly ObjectFinding[],
): Promise<boolean> {
  if (found.length > 0) return tell(ports, name, found);
  return withForce(ports.database, actorOf(name), (tx) => isWanted(tx, name));
}

async function tellIn(
  ports: ScrubPorts,
  tx: ForceTransaction,
  name: ObjectName,
  found: readonly ObjectFinding[],
): Promise<boolean> {
  if (!(await isWanted(tx, name))) return false;
  const { key, recordingId } = name;
  const problem = found
    .map(({ kind, partNumber, detail }) => {
      const part = partNumber === undefined ? "" : `, part ${partNumber.toString()}`;
      return `${kind}${part}: ${detail}`;
    })
    .join("; ");
  // A finding is told once. Damage of what was mended before is another one.
  const mended = await countMended(tx, key);
  const subject = mended === 0 ? `stored ${key}` : `stored ${key} (${(mended + 1).toString()})`;
  await recordFinding(
    tx,
    { kind: "altered", recordingId, subject, detail: { object: key, problem } },
    ports.clock.nowMs(),
  );
  ports.log.error("stored bytes are damaged", { key, problem });
  return true;
}

/** Resolves what stood open about an object that is whole. */
async function markWhole(ports: ScrubPorts, name: ObjectName, reason: string): Promise<Settled> {
  const { key, recordingId } = name;
  await withForce(ports.database, actorOf(name), async (tx) => {
    for (const id of await closeDamage(tx, key, new Date(ports.clock.nowMs()))) {
      await ports.ledger.stage(tx, {
        event: "finding-resolved",
        actor: { system: "scrub" },
        ...(recordingId === null ? {} : { recording: parseId(recordingId) }),
        data: { finding: parseId(id satisfies FindingId), kind: "altered", reason },
      });
    }
  });
  return nothing;
}
