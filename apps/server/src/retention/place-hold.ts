// Places a hold. Under the closed gate: no order is being made while it comes to stand, every order that it catches is
// called off if the key is still there, and it says which recordings it came too late for.
import { randomUUID } from "node:crypto";
import type { HoldId, HoldRequest, HoldScope, PersonId, PlacedHold, RecordingId } from "@sworn/contract";
import { parseId, type CborValue } from "@sworn/custody";
import { withForce, type ForceTransaction } from "../platform/database/database.ts";
import { isForeignKeyViolation } from "../platform/database/postgres-errors.ts";
import { cancelDestruction } from "./cancel-order.ts";
import { isKeyGone } from "./destroy-key.ts";
import { closeGate } from "./gate-store.ts";
import {
  countCaught,
  insertHold,
  listDestroyedInScope,
  lockCaughtOrders,
  readHold,
  type HoldRecord,
} from "./holds-store.ts";
import { keyAtRest } from "./keys-in-hand.ts";
import type { RetentionPorts } from "./ports.ts";
import { presentHold } from "./present.ts";
import { dayMs } from "./settings.ts";
import { lockRecording } from "./store.ts";

export type PlaceHoldOutcome =
  | { readonly outcome: "placed"; readonly placed: PlacedHold }
  | { readonly outcome: "unknown-recording" | "unknown-person-or-borough" | "too-late" | "other-hold" }
  | { readonly outcome: "unfit"; readonly why: string };

type Needs = Pick<RetentionPorts, "database" | "clock" | "ledger" | "keys">;
interface Placer {
  readonly forceId: HoldRecord["force_id"];
  readonly personId: PersonId;
}

const eventMaximumDays = 366;
const listedMaximum = 100;

/** Resolves when a checkpoint covers the hold's entry. The hold stands from its commit on, also if that wait fails. */
export async function placeHold(
  ports: Needs,
  actor: Placer,
  request: HoldRequest,
): Promise<PlaceHoldOutcome> {
  const why = unfit(request, ports.clock.nowMs());
  if (why !== null) return { outcome: "unfit", why };
  const row = rowOf(request, actor, ports.clock.nowMs());
  try {
    const { result, entry } = await withForce(ports.database, actor, (tx) => placeInside(ports, tx, row));
    if (entry !== null) await ports.ledger.covered(actor.forceId, entry);
    return result;
  } catch (error) {
    if (isForeignKeyViolation(error)) return { outcome: "unknown-person-or-borough" };
    throw error;
  }
}

async function placeInside(
  ports: Needs,
  tx: ForceTransaction,
  row: NewHold,
): Promise<{ result: PlaceHoldOutcome; entry: { id: number } | null }> {
  await closeGate(tx);
  const known = await readHold(tx, row.id);
  if (known !== undefined) {
    if (!isSame(known, row)) return { result: { outcome: "other-hold" }, entry: null };
    const again = { hold: presentHold(known, ports.clock.nowMs()), caught: await countCaught(tx, known) };
    return {
      result: { outcome: "placed", placed: { ...again, ordersCancelled: [], tooLate: [] } },
      entry: null,
    };
  }
  if (row.recording_id !== null) {
    const recording = await lockRecording(tx, row.recording_id);
    if (recording === undefined) return { result: { outcome: "unknown-recording" }, entry: null };
    await keyAtRest(recording.id);
    const isGone = recording.state === "destroyed" || (await isKeyGone(ports.keys, recording.id));
    if (isGone) return { result: { outcome: "too-late" }, entry: null };
  }
  await insertHold(tx, row);
  const { ordersCancelled, tooLate } = await stopOrders(ports, tx, row);
  const entry = await ports.ledger.stage(tx, {
    event: "hold-placed",
    actor: { person: parseId(row.placed_by) },
    ...(row.recording_id === null ? {} : { recording: parseId(row.recording_id) }),
    data: ledgerData(row),
  });
  const caught = await countCaught(tx, row);
  const hold = presentHold({ ...row, incident_key: null }, row.placed_at.getTime());
  return { result: { outcome: "placed", placed: { hold, caught, ordersCancelled, tooLate } }, entry };
}

async function stopOrders(
  ports: Needs,
  tx: ForceTransaction,
  row: NewHold,
): Promise<{ ordersCancelled: RecordingId[]; tooLate: RecordingId[] }> {
  const ordersCancelled: RecordingId[] = [];
  const tooLate = await listDestroyedInScope(tx, row, listedMaximum);
  for (const id of await lockCaughtOrders(tx, row)) {
    await keyAtRest(id);
    if (await isKeyGone(ports.keys, id)) tooLate.push(id);
    else {
      await cancelDestruction(ports, tx, { id }, { reason: "held", holdId: row.id });
      ordersCancelled.push(id);
    }
  }
  return { ordersCancelled, tooLate };
}

type NewHold = Omit<HoldRecord, "incident_key">;

function unfit(request: HoldRequest, nowMs: number): string | null {
  if (!(Date.parse(request.reviewAt) > nowMs)) return "The review date must lie ahead.";
  const { scope } = request;
  if (scope.kind !== "event") return null;
  const lengthMs = Date.parse(scope.to) - Date.parse(scope.from);
  if (!(lengthMs >= 0)) return "The scope's time must begin before it ends.";
  if (lengthMs > eventMaximumDays * dayMs)
    return `A scope's time may be ${String(eventMaximumDays)} days at most.`;
  const { area } = scope;
  if (area !== undefined && (area.south > area.north || area.west > area.east))
    return "The area's south must be below its north, and its west before its east.";
  return null;
}

function rowOf(request: HoldRequest, actor: Placer, nowMs: number): NewHold {
  const { scope } = request;
  return {
    id: request.id ?? (randomUUID() as HoldId),
    force_id: actor.forceId,
    kind: request.kind,
    reason: request.reason,
    owner_id: request.ownerId ?? actor.personId,
    review_at: new Date(request.reviewAt),
    placed_by: actor.personId,
    placed_at: new Date(nowMs),
    released_by: null,
    released_at: null,
    release_reason: null,
    scope: scope.kind,
    recording_id: scope.kind === "recording" ? scope.recordingId : null,
    incident: scope.kind === "incident" ? scope.incident : null,
    ...eventColumns(scope),
  };
}

/** In 10^-7 degree, without the binary dust that would round 51.52 up. */
const parts = (degrees: number): number => Number((degrees * 1e7).toFixed(3));

function eventColumns(scope: HoldScope) {
  const event = scope.kind === "event" ? scope : null;
  const box = event?.area;
  return {
    from_at: event === null ? null : new Date(event.from),
    to_at: event === null ? null : new Date(event.to),
    borough_id: event?.boroughId ?? null,
    // Rounded outwards: a hold is never smaller than it was meant.
    south: box === undefined ? null : Math.floor(parts(box.south)),
    west: box === undefined ? null : Math.floor(parts(box.west)),
    north: box === undefined ? null : Math.ceil(parts(box.north)),
    east: box === undefined ? null : Math.ceil(parts(box.east)),
    people: event?.people === undefined ? null : [...event.people],
  };
}

/** A request that was sent again says the same. */
function isSame(known: HoldRecord, row: NewHold): boolean {
  const told = (hold: NewHold): string =>
    JSON.stringify([
      hold.kind,
      hold.reason,
      hold.owner_id,
      hold.review_at,
      hold.placed_by,
      ledgerScope(hold),
    ]);
  return told(known) === told(row);
}

function ledgerScope(row: NewHold): Record<string, CborValue> {
  if (row.recording_id !== null) return { kind: "recording", recording: parseId(row.recording_id) };
  if (row.incident !== null) return { kind: "incident", incident: row.incident };
  const { south, west, north, east } = row;
  const area =
    south === null || west === null || north === null || east === null ? null : [south, west, north, east];
  return {
    kind: "event",
    fromMs: row.from_at?.getTime() ?? 0,
    toMs: row.to_at?.getTime() ?? 0,
    borough: row.borough_id === null ? null : parseId(row.borough_id),
    area,
    people: row.people === null ? null : row.people.map((id) => parseId(id)),
  };
}

/** All of the hold: a recovered database is rebuilt from this. */
function ledgerData(row: NewHold): Record<string, CborValue> {
  return {
    hold: parseId(row.id),
    kind: row.kind,
    reason: row.reason,
    owner: parseId(row.owner_id),
    reviewAtMs: row.review_at.getTime(),
    scope: ledgerScope(row),
  };
}
