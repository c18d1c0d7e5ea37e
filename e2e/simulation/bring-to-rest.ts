// The end of a schedule: nothing fails any more, the power goes once everywhere, and all is started again. Then
// everything must arrive, what is due must go, what is held must stay, and the stored data must fit together.
import type { FindingKind } from "@sworn/contract";
import { openAuthorities } from "../../apps/server/src/authority/index.ts";
import { runFsck } from "../../apps/server/src/fsck/index.ts";
import { defaultSettings } from "../../apps/server/src/retention/index.ts";
import { checkLog } from "./check-ledger.ts";
import { checkWorld, listAll } from "./check-world.ts";
import { dockOnce } from "./dock-once.ts";
import { runRetention } from "./operations.ts";
import { Violation } from "./violation.ts";
import type { World } from "./world.ts";

const DAY_MS = 86_400_000;
const ROUNDS = 5;
/** What a journal that was kept as it should be never gives; a stop by power loss or a doubtful clock it may. */
const broken = new Set<FindingKind>([
  ...(["journal-fork", "journal-gap", "journal-dropped-tail", "journal-refused"] as const),
  ...(["journal-transition", "missing"] as const),
]);

async function restart(world: World): Promise<void> {
  world.server.die("nothing");
  for (const { machine } of world.cameras) machine.die("nothing");
  try {
    await world.server.start();
    for (const camera of world.cameras) await camera.switchOn();
  } catch (error) {
    throw new Violation("nothing gets stuck", "something does not start after a power cut", error);
  }
}

async function decideAll(world: World): Promise<void> {
  const { quarantine } = await world.staff.listQuarantine({ decided: false });
  for (const { id } of quarantine) {
    await world.staff.decideQuarantine(id, { decision: "altered", reason: "the end" }).catch(() => undefined);
  }
}

async function deliverAll(world: World): Promise<void> {
  const failures: string[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    failures.length = 0;
    for (const camera of world.cameras) {
      if (camera.isLost) continue;
      const dock = world.docks[round % world.docks.length] ?? world.docks[0];
      if (dock === undefined) return;
      const report = await dockOnce(world, camera, dock).catch((error: unknown) => {
        failures.push(`${camera.name}: ${String(error)}`);
        return null;
      });
      if (report && report.missing.length > 0)
        throw new Violation("2 everything is accounted for", `${camera.name}: the server misses recordings`);
      const gaps = (report?.findings ?? []).map(({ kind }) => kind).filter((kind) => broken.has(kind));
      if (gaps.length > 0)
        throw new Violation(
          "2 everything is accounted for",
          `${camera.name}: its journal has ${gaps.join(", ")}`,
        );
      for (const { number, outcome } of report?.recordings ?? []) {
        if (outcome.kind === "freed") continue;
        const error = outcome.kind === "failed" ? String(outcome.error) : "";
        failures.push(`${camera.name}/${String(number)}: ${outcome.kind} ${error}`);
      }
    }
    if (failures.length === 0) return;
    await decideAll(world);
  }
  throw new Violation("everything arrives in the end", failures.join("; "));
}

async function checkArrived(world: World): Promise<void> {
  const rows = new Map((await listAll(world)).map((row) => [row.id, row]));
  for (const known of world.model.recordings.values()) {
    const row = rows.get(known.id);
    const name = world.model.nameOf(known.id);
    if (known.isOnLostCamera) {
      if (known.receipt !== null && (row === undefined || row.state === "expected"))
        throw new Violation("1 nothing acknowledged is lost", `${name} was receipted and is not there`);
    } else if (row === undefined || row.state === "expected")
      throw new Violation("everything arrives in the end", `${name} did not arrive`);
    else if (!row.hasReceipt) throw new Violation("everything arrives in the end", `${name} has no receipt`);
  }
}

async function fsck(world: World): Promise<void> {
  const { running } = world.server;
  if (running === null) throw new Violation("nothing gets stuck", "the server is down");
  const { database, vault, folder } = running;
  const authorities = await openAuthorities(folder.part("authority"));
  const report = await runFsck(
    {
      ...{ database, store: vault.store, settings: defaultSettings, ledgerFolder: folder.part("ledger") },
      clock: { nowMs: () => world.nowMs(), onMoved: () => () => undefined },
      openKeys: () => Promise.resolve(vault.keys),
      authorityOf: (force) => authorities.of(force),
    },
    { level: 4 },
  );
  if (report.isClean) return;
  const told = report.problems
    .filter(({ severity }) => severity !== "notice")
    .map(({ kind, message }) => `${kind}: ${message}`);
  throw new Violation("fsck is clean", told.slice(0, 5).join(" | "));
}

/** Lets two months pass: what is due goes, with the warning that comes first. */
async function letExpire(world: World): Promise<void> {
  for (let round = 0; round < 3; round += 1) {
    world.pass(40 * DAY_MS);
    const done = await runRetention(world);
    if (done.failed > 0)
      throw new Violation("everything arrives in the end", "a destruction is not finished");
    await checkWorld(world);
  }
  const rows = await listAll(world);
  for (const [id, known] of world.model.recordings) {
    const row = rows.find((one) => one.id === id);
    if (world.model.isHeld(id) && known.destroyed === null && row?.state !== "collected" && row !== undefined)
      throw new Violation("6 a hold beats a clock", `${world.model.nameOf(id)} is held and ${row.state}`);
  }
}

/** @throws Violation */
export async function bringToRest(world: World): Promise<void> {
  await restart(world);
  world.network.front = null;
  await world.network.deliverLate();
  await checkWorld(world);
  await deliverAll(world);
  await checkWorld(world);
  await checkArrived(world);
  await letExpire(world);
  await restart(world);
  await checkWorld(world);
  checkLog(world);
  await fsck(world);
}
