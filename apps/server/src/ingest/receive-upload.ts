// Receives the bytes of one PATCH under the upload's lease. The offset moves in a transaction after its part is durable,
// never before, and the answer says where it then stands.
import { randomUUID } from "node:crypto";
import type { Readable } from "node:stream";
import type { ForceId } from "@sworn/contract";
import { withForce } from "../platform/database/database.ts";
import { intakeJobOf, isFile, offsetOfStored } from "./intake-job-of.ts";
import { FILE_PART_BYTES, IntakeFault, type StoredProgress } from "./intake/intake-job.ts";
import type { IngestPorts } from "./ports.ts";
import { OffsetKeeper } from "./offset-keeper.ts";
import { pumpBody } from "./pump-body.ts";
import {
  findUpload,
  moveOffset,
  releaseLease,
  renewLease,
  takeLease,
  type Lease,
  type UploadRow,
} from "./store.ts";

export type Received =
  | { readonly outcome: "received"; readonly offsetBytes: number; readonly complete: boolean }
  | { readonly outcome: "cut"; readonly offsetBytes: number }
  | { readonly outcome: "offset-differs"; readonly offsetBytes: number }
  | {
      readonly outcome:
        "locked" | "not-open" | "too-long" | "too-short" | "busy" | "volume-failed" | "no-space";
    };

export interface PatchOrder {
  readonly forceId: ForceId;
  readonly upload: UploadRow;
  readonly offsetBytes: number;
  /** Content-Length, where the request has one. */
  readonly bodyBytes: number | null;
  readonly body: Readable;
}

/** An older connection that has been silent for so long gives way to a newer one. */
const SILENT_MS = 5_000;

/** Connections of this process by upload, so that a newer one can end a dead one. */
const connections = new Map<
  string,
  { stop: () => void; lastByteAtMs: () => number; readonly ended: Promise<void> }
>();

export async function receiveUpload(ports: IngestPorts, order: PatchOrder): Promise<Received> {
  const { upload, offsetBytes } = order;
  if (ports.volume.failed) return { outcome: "volume-failed" };
  if (upload.state !== "open") return { outcome: "not-open" };
  if (upload.offset_bytes !== offsetBytes)
    return { outcome: "offset-differs", offsetBytes: upload.offset_bytes };
  const room = upload.length_bytes - offsetBytes;
  if (order.bodyBytes !== null && order.bodyBytes > room) return { outcome: "too-long" };
  if (isFile(upload) && order.bodyBytes !== null && order.bodyBytes < Math.min(room, FILE_PART_BYTES)) {
    return { outcome: "too-short" };
  }
  if (ports.inFlight.isFull) return { outcome: "busy" };
  const older = connections.get(upload.id);
  if (older !== undefined && performance.now() - older.lastByteAtMs() > SILENT_MS) {
    older.stop();
    await older.ended;
  }
  const token = randomUUID();
  const { database } = ports.evidence;
  const actor = { forceId: order.forceId, personId: null };
  const leased = await withForce(database, actor, (tx) => takeLease(tx, leaseOf(ports, upload.id, token)));
  if (leased === undefined) return { outcome: "locked" };
  try {
    // Between the first look and the lease another connection may have moved it.
    if (leased.offset_bytes !== offsetBytes)
      return { outcome: "offset-differs", offsetBytes: leased.offset_bytes };
    return await underLease(ports, { ...order, upload: leased }, token);
  } finally {
    await withForce(database, actor, (tx) => releaseLease(tx, upload.id, token));
  }
}

function leaseOf(ports: IngestPorts, upload: string, token: string): Lease {
  const nowMs = ports.evidence.clock.nowMs();
  return { upload, token, now: new Date(nowMs), until: new Date(nowMs + ports.limits.leaseMs) };
}

async function underLease(ports: IngestPorts, order: PatchOrder, token: string): Promise<Received> {
  const { upload } = order;
  const { database } = ports.evidence;
  const actor = { forceId: order.forceId, personId: null };
  const job = await intakeJobOf(ports, order.forceId, upload);
  let storeParts: readonly number[] = upload.store_parts;
  let offsetBytes = upload.offset_bytes;
  const failed: { fault: Error | null } = { fault: null };

  const commit = async (progresses: readonly StoredProgress[]): Promise<void> => {
    let next = storeParts;
    for (const { number, sizeBytes } of progresses) next = [...next.slice(0, number - 1), sizeBytes];
    const to = { offsetBytes: progresses.at(-1)?.offsetBytes ?? offsetBytes, storeParts: next };
    const moved = await withForce(database, actor, (tx) =>
      moveOffset(tx, leaseOf(ports, upload.id, token), to),
    );
    if (!moved) throw new IntakeFault("fault", "Another connection has taken the upload over.");
    ({ storeParts, offsetBytes } = to);
    for (const progress of progresses) ports.memory.remember(upload.id, progress);
  };
  const fail = (error: unknown): void => {
    failed.fault ??=
      error instanceof Error ? error : new IntakeFault("fault", "The bytes could not be stored.", error);
    pump.stop();
  };
  const keeper = new OffsetKeeper({ commit, failed: fail });
  const session = ports.pool.open(job, {
    taken: (sizeBytes) => {
      pump.taken(sizeBytes);
    },
    // What was durable before the disk failed still counts.
    stored: (progress) => {
      keeper.take(progress);
    },
    failed: fail,
  });
  const pump = pumpBody({
    body: order.body,
    session,
    inFlight: ports.inFlight,
    connectionBytes: ports.limits.connectionBytes,
    roomBytes: upload.length_bytes - upload.offset_bytes,
  });
  let ended = (): void => undefined;
  const connection = {
    stop: pump.stop,
    lastByteAtMs: pump.lastByteAtMs,
    ended: new Promise<void>((resolve) => (ended = resolve)),
  };
  connections.set(upload.id, connection);
  const alive = setInterval(() => {
    keeper.between(() =>
      withForce(database, actor, (tx) => renewLease(tx, leaseOf(ports, upload.id, token)))
        .then((held) => {
          if (!held) throw new IntakeFault("fault", "Another connection has taken the upload over.");
        })
        .catch(fail),
    );
  }, ports.limits.leaseMs / 3);
  try {
    const pumped = await pump.done;
    await session.end(pumped.kind === "ended" ? "end" : "cut").catch(fail);
    clearInterval(alive);
    await keeper.settle();
    if (failed.fault !== null) return await afterFault(ports, order, token, failed.fault);
    if (pumped.kind === "too-long") return { outcome: "too-long" };
    if (pumped.kind === "cut") return { outcome: "cut", offsetBytes };
    return { outcome: "received", offsetBytes, complete: offsetBytes === upload.length_bytes };
  } finally {
    clearInterval(alive);
    if (connections.get(upload.id) === connection) connections.delete(upload.id);
    ended();
  }
}

/** What was durable before the fault stays; what the fault says of the disk is heeded. */
async function afterFault(
  ports: IngestPorts,
  order: PatchOrder,
  token: string,
  fault: Error,
): Promise<Received> {
  if (!(fault instanceof IntakeFault)) throw fault;
  switch (fault.code) {
    case "no-space":
      return { outcome: "no-space" };
    case "volume-failed":
      ports.volume.failed = true;
      ports.evidence.log.error("a sync failed: nothing more is stored until the disk was checked", {
        error: fault,
      });
      return { outcome: "volume-failed" };
    case "tail-mismatch":
      return takeTailBack(ports, order, token);
    default:
      throw fault;
  }
}

/** A crash came between a part's rename and its commit: the part is sent again. */
async function takeTailBack(ports: IngestPorts, order: PatchOrder, token: string): Promise<Received> {
  const { database } = ports.evidence;
  const actor = { forceId: order.forceId, personId: null };
  const offsetBytes = await withForce(database, actor, async (tx) => {
    const row = await findUpload(tx, order.upload.id);
    if (row === undefined) return 0;
    const storeParts = row.store_parts.slice(0, -1);
    const back = offsetOfStored(row, storeParts);
    await moveOffset(tx, leaseOf(ports, row.id, token), { offsetBytes: back, storeParts });
    return back;
  });
  ports.memory.forget(order.upload.id);
  return { outcome: "offset-differs", offsetBytes };
}
