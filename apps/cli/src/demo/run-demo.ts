// The demo: the whole life of twelve recordings, from the lens to the vault, and to destruction where time is moved.
import type { RecordingId } from "@sworn/contract";
import { createLog, movableClock } from "@sworn/server";
import { type Testbed, type TestbedForce, startTestbed, trialForces } from "@sworn/testbed";
import { readAnchorsFile, verifyExport } from "@sworn/verifier";
import { encodePem, parseDestruction } from "@sworn/custody";
import { ApiProblem } from "@sworn/client";
import { createWriteStream } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type CheckedLedger, checkLedger } from "../check-ledger.ts";
import { CliError } from "../exit.ts";
import { exportRecording } from "../export-recording.ts";
import { instantText } from "../output.ts";
import type { World } from "../world.ts";
import { DOCK_AT_ONCE, type Uploaded, dockLanes } from "./dock-cameras.ts";
import { FILM_AT_ONCE, type Filmed, filmLanes } from "./film-cameras.ts";
import { passDays } from "./pass-time.ts";
import { createStages } from "./stages.ts";

const DAY_MS = 86_400_000;

export interface DemoOptions {
  readonly folder: string;
  /** Otherwise the folder is removed when the demo fails. */
  readonly isKept: boolean;
  /** Absolute path of a film; null for the drawn street. */
  readonly source: string | null;
  readonly days: number;
  readonly port: number;
}

export interface DemoResult {
  readonly recorded: number;
  readonly uploaded: number;
  readonly verified: number;
  readonly held: number;
  readonly destroyed: number;
  readonly recordings: readonly string[];
}

export interface Demo {
  readonly testbed: Testbed;
  readonly result: DemoResult;
  /** Lines for people: what was shown, beyond the stages. */
  readonly told: readonly string[];
  readonly exported: { readonly recording: RecordingId; readonly folder: string; readonly anchors: string };
  readonly force: TestbedForce;
}

export async function runDemo(world: World, options: DemoOptions): Promise<Demo> {
  const { folder, days } = options;
  const stages = createStages(world);
  const told: string[] = [];
  // The demo begins in the past, so that nothing it leaves behind is of a day to come.
  const clock = movableClock(Date.now() - days * DAY_MS);
  const logFile = createWriteStream(join(folder, ".demo.log"), { mode: 0o600 });
  const log = createLog({ level: "info", clock, write: (line) => void logFile.write(line) });
  const searchPath = world.environment["PATH"];
  const testbed = await stages.run("Starting PostgreSQL and the server; enrolling cameras", async () => {
    const value = await startTestbed({
      ...{ folder, purpose: "demo", clock, log, forces: trialForces },
      configuration: { port: options.port },
      ...(searchPath === undefined ? {} : { searchPath }),
    });
    const cameras = value.forces.reduce((sum, force) => sum + force.cameras.length, 0);
    return {
      value,
      done: `The server runs at ${value.server.url}; ${cameras.toString()} cameras are enrolled, in ten boroughs of the Met and two of Bedfordshire's`,
    };
  });
  try {
    const cameras = testbed.forces.flatMap((force) => force.cameras);
    const filmed: Filmed[] = [];
    await stages.lanes("Recording", filmLanes(cameras, options.source, filmed), {
      atOnce: FILM_AT_ONCE,
      done: () => `${filmed.length.toString()} recordings, encoded, signed and encrypted at the lens`,
    });
    const uploaded: Uploaded[] = [];
    await stages.lanes("Docking and uploading", dockLanes(testbed.forces, uploaded), {
      atOnce: DOCK_AT_ONCE,
      done: () =>
        `${uploaded.length.toString()} recordings uploaded, verified fragment by fragment, and receipted`,
    });
    const ledgers = new Map<string, CheckedLedger>();
    await stages.run("Checking each force's public ledger over HTTP", async (tell) => {
      for (const force of testbed.forces)
        ledgers.set(force.force.id, await checkForce(force, uploaded, null, tell));
      const receipts = [...ledgers.values()].reduce((sum, one) => sum + one.receipts, 0);
      return {
        value: null,
        done: `The ledgers check: checkpoints signed, tiles whole, ${receipts.toString()} of ${uploaded.length.toString()} receipts in them`,
      };
    });

    const [force] = testbed.forces;
    const kept = uploaded.find((one) => one.force === force);
    if (force === undefined || kept === undefined)
      throw new CliError("could-not-run", "Nothing was uploaded, so there is nothing to show.");
    const recording = kept.recording as RecordingId;
    await stages.run("Placing a hold on one recording", async () => {
      await force.staff.placeHold({
        ...{
          kind: "evidence",
          reason: "R v Smith: the defence asked for it",
          scope: { kind: "recording", recordingId: recording },
        },
        reviewAt: new Date(clock.nowMs() + 90 * DAY_MS).toISOString(),
      });
      return { value: null, done: `A hold keeps ${kept.camera.name}'s recording as evidence` };
    });
    const exported = await stages.run("Exporting it, and checking the export offline", async () => {
      const anchors = await writeAnchors(folder, testbed);
      const made = await exportRecording(force.staff, {
        ...{ recording, to: join(folder, "export") },
        ...{ recipient: "Crown Prosecution Service", purpose: "R v Smith, disclosure" },
      });
      const report = await verifyExport(made.folder, { anchors: await readAnchorsFile(anchors) });
      const passed = report.checks.filter(({ verdict }) => verdict === "pass").length;
      if (report.overall !== "intact") {
        throw new CliError("answer-is-no", `The export is ${report.overall}: ${report.sentence}`);
      }
      return {
        value: { recording, folder: made.folder, anchors },
        done: `The export is intact: ${passed.toString()} checks passed without asking the server`,
      };
    });

    let destroyed: readonly RecordingId[] = [];
    if (days > 0) {
      const passed = await stages.run(`Letting ${days.toString()} days pass`, async (tell) => {
        const value = await passDays(testbed, days, tell);
        const done = `${days.toString()} days passed: ${value.warned.toString()} warned of, ${value.destroyed.length.toString()} destroyed under certificates`;
        return { value, done };
      });
      destroyed = passed.destroyed;
      told.push(...(await showDestruction(uploaded, destroyed)));
      await stages.run("Checking that the ledgers only grew", async (tell) => {
        for (const one of testbed.forces) {
          await checkForce(one, uploaded, ledgers.get(one.force.id)?.checkpoint ?? null, tell);
        }
        return { value: null, done: "The ledgers only grew: today's are consistent with those seen before" };
      });
    }
    const verified = uploaded.filter(({ verdict }) => verdict === "verified").length;
    const { holds } = await force.staff.listHolds({ standing: true });
    const result: DemoResult = {
      ...{
        recorded: filmed.length,
        uploaded: uploaded.length,
        verified,
        held: holds.length,
        destroyed: destroyed.length,
      },
      recordings: uploaded.map((one) => one.recording),
    };
    return { testbed, result, told, exported, force };
  } catch (cause) {
    await (options.isKept ? testbed.stop() : testbed.discard());
    throw cause;
  }
}

async function checkForce(
  { force, staff }: TestbedForce,
  uploaded: readonly Uploaded[],
  before: CheckedLedger["checkpoint"] | null,
  tell: (line: string) => void,
): Promise<CheckedLedger> {
  const own = uploaded.filter((one) => one.force.force.id === force.id);
  const receipts = await Promise.all(own.map((one) => staff.receiptOf(one.recording as RecordingId)));
  const checked = await checkLedger(staff.api, { force: force.id, receipts, before });
  tell(`${force.name}: ${checked.size.toString()} entries, root ${checked.root}`);
  return checked;
}

async function writeAnchors(folder: string, testbed: Testbed): Promise<string> {
  const path = join(folder, "anchors.pem");
  const anchors = testbed.forces.map(({ dockIdentity }) => encodePem("CERTIFICATE", dockIdentity.anchor));
  await writeFile(path, anchors.join(""));
  return path;
}

async function showDestruction(
  uploaded: readonly Uploaded[],
  destroyed: readonly RecordingId[],
): Promise<string[]> {
  const one = uploaded.find(({ recording }) => destroyed.includes(recording as RecordingId));
  if (one === undefined) return [];
  const id = one.recording as RecordingId;
  const certificate = parseDestruction(await one.force.staff.destructionOf(id)).value;
  const refused = await one.force.staff.startPlay(id, { reason: "Is it really gone?" }).then(
    () => null,
    (error: unknown) => (error instanceof ApiProblem ? error : Promise.reject(error as Error)),
  );
  if (refused === null) throw new CliError("answer-is-no", `${id} was destroyed and still plays.`);
  const { rule, keyDestroyedAtMs, noBackupAfterMs } = certificate;
  return [
    `Destroyed: ${one.camera.name}'s recording ${id}`,
    `  rule       ${rule.class}, version ${rule.version.toString()}: ${rule.periodDays.toString()} days`,
    `  key gone   ${instantText(keyDestroyedAtMs)}; no backup of it can exist after ${instantText(noBackupAfterMs).slice(0, 10)}`,
    `  playback   refused: ${refused.title}`,
  ];
}
