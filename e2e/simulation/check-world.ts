// Holds the model against the world after each step: what a camera, a dock or a person was told must be so. The server
// is asked over a line that loses nothing; what cannot be asked now (it is down, the camera is off) is asked later.
import type { HoldId, Recording } from "@sworn/contract";
import { parseReceipt, toHex } from "@sworn/custody";
import { seeCheckpoint } from "./check-ledger.ts";
import type { KnownRecording } from "./model.ts";
import { Violation } from "./violation.ts";
import type { World } from "./world.ts";

const DAY_MS = 86_400_000;

/** Takes in what cameras hold sealed now: from here on it must not be lost. */
export function learnSealed(world: World): void {
  const { recordings } = world.model;
  for (const camera of world.cameras) {
    for (const { id, number, parts } of camera.sealed()) {
      const known = recordings.get(id);
      if (known && (known.parts !== parts || known.number !== number))
        throw new Violation(
          "3 masters never change",
          `${world.model.nameOf(id)} has other parts than before`,
        );
      if (known) continue;
      recordings.set(id, {
        ...{ camera: camera.name, number, id: id as KnownRecording["id"], parts, sealedMs: world.nowMs() },
        ...{
          isDamaged: false,
          isOnLostCamera: camera.isLost,
          receipt: null,
          receivedMs: null,
          destroyed: null,
        },
      });
    }
  }
}

/** Every row of the server. */
export async function listAll(world: World): Promise<Recording[]> {
  const { staff } = world;
  const all: Recording[] = [];
  let after: string | undefined;
  do {
    const page = await staff.listRecordings({ limit: 500, ...(after === undefined ? {} : { after }) });
    all.push(...page.recordings);
    after = page.next ?? undefined;
  } while (after !== undefined);
  return all;
}

/** @throws Violation */
export async function checkWorld(world: World): Promise<void> {
  seeCheckpoint(world);
  learnSealed(world);
  if (world.server.running === null || !world.server.isHealthy()) return;
  const rows = await listAll(world);
  const byId = new Map(rows.map((row) => [row.id, row]));
  const places = rows.map((row) => `${String(row.cameraId)}/${String(row.number)}`);
  const twice = places.find((place, index) => places.indexOf(place) !== index);
  if (twice !== undefined) throw new Violation("one copy only", "a camera's recording has two rows");
  await checkHolds(world);
  for (const known of world.model.recordings.values()) await checkRecording(world, known, byId.get(known.id));
}

/** A hold that a person was told stands, stands. */
async function checkHolds(world: World): Promise<void> {
  const standing = new Set<string>();
  let after: HoldId | undefined;
  do {
    const page = await world.staff.listHolds({ standing: true, ...(after === undefined ? {} : { after }) });
    for (const { id } of page.holds) standing.add(id);
    after = page.next ?? undefined;
  } while (after !== undefined);
  for (const hold of world.model.holds.values()) {
    if (hold.state === "stands" && !standing.has(hold.id)) {
      const name = world.model.nameOf(hold.recordings[0] ?? "");
      throw new Violation("1 nothing acknowledged is lost", `an acknowledged hold on ${name} is not there`);
    }
  }
}

async function checkRecording(
  world: World,
  known: KnownRecording,
  row: Recording | undefined,
): Promise<void> {
  const name = world.model.nameOf(known.id);
  const state = row?.state ?? "expected";
  if (state !== "expected") known.receivedMs ??= world.nowMs();
  const camera = world.cameras.find((one) => one.name === known.camera);
  const canLook = camera?.device !== null && camera?.device !== undefined && !known.isOnLostCamera;
  const isOnCamera = canLook && camera.sealed().some((one) => one.id === known.id);
  if (canLook && !isOnCamera && state === "expected")
    throw new Violation(
      "1 nothing acknowledged is lost",
      `${name} is neither on its camera nor in the vault`,
    );
  if (known.receipt !== null) checkReceipt(known, name, row);
  if (known.destroyed !== null && state !== "destroyed")
    throw new Violation("5 destroyed means unreadable", `${name} was destroyed and is ${state}`);
  if (state === "destroyed") await checkDestroyed(world, known, row);
}

function checkReceipt(known: KnownRecording, name: string, row: Recording | undefined): void {
  if (known.receipt === null) return;
  if (row === undefined || row.state === "expected")
    throw new Violation("1 nothing acknowledged is lost", `${name} was receipted and is not in the vault`);
  const { identity } = parseReceipt(known.receipt).value;
  const now = Buffer.from(row.identity ?? "", "base64url").toString("hex");
  if (toHex(identity) !== now)
    throw new Violation("3 masters never change", `${name} has another identity than its receipt`);
}

async function checkDestroyed(
  world: World,
  known: KnownRecording,
  row: Recording | undefined,
): Promise<void> {
  const name = world.model.nameOf(known.id);
  if (known.destroyed !== null) return;
  if (world.model.isHeld(known.id))
    throw new Violation("6 a hold beats a clock", `${name} is held and destroyed`);
  const destroyedMs = Date.parse(row?.destroyedAt ?? "");
  // What was destroyed while its hold was asked for is told at the hold. A day is what the clocks are worth.
  if (destroyedMs < known.sealedMs + 30 * DAY_MS)
    throw new Violation(
      "not before it is due",
      `${name} was destroyed ${days(destroyedMs - known.sealedMs)} old`,
    );
  if (destroyedMs < Date.parse(row?.receivedAt ?? "") + 7 * DAY_MS)
    throw new Violation("not before it is due", `${name} was destroyed within 7 days of its arrival`);
  const certificate = await world.staff.destructionOf(known.id);
  known.destroyed = { seenMs: world.nowMs(), certificate };
}

const days = (ms: number): string => `${(ms / DAY_MS).toFixed(1)} days`;
