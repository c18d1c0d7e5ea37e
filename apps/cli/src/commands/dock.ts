// sworn dock: puts cameras into a dock: clock, journal, footage, receipts. What is receipted leaves the camera.
import { installIngestKey, openCamera, type HeadlessCamera } from "@sworn/camera";
import { formatId } from "@sworn/custody";
import {
  type CameraOutcome,
  type DockIdentity,
  DockError,
  dockCameras,
  enrolDock,
  openDock,
  streamRequests,
} from "@sworn/dock";
import { hostname } from "node:os";
import { dirname, join, resolve } from "node:path";
import { credentialsPath, findCredentials, findUrl, type ServerFlags } from "../credentials.ts";
import { CliError } from "../exit.ts";
import { bytesText, shown } from "../output.ts";
import { UploadBars } from "../upload-bars.ts";
import { addCommand, type AddCommand } from "../settle-command.ts";
import { serverOptions } from "../server-options.ts";
import type { World } from "../world.ts";

interface Options extends ServerFlags {
  dock?: string;
  dockName?: string;
}

async function findDock(world: World, options: Options): Promise<DockIdentity> {
  const folder = resolve(
    world.folder,
    options.dock ?? join(dirname(credentialsPath(world, options)), "dock"),
  );
  try {
    return await openDock(folder);
  } catch (error) {
    if (!(error instanceof DockError) || error.code !== "identity-missing") throw error;
  }
  const { url, apiKey } = await findCredentials(world, options);
  return enrolDock({
    folder,
    server: url,
    apiKey,
    name: options.dockName ?? `Dock of ${hostname()}`.slice(0, 60),
  });
}

export const addDock: AddCommand = (parent, world) => {
  addCommand<Options>(parent, world, {
    usage: "dock <folder...>",
    summary: "dock cameras: set their clocks, bring journals and footage to the server",
    about:
      "The dock has a key of its own, certified by your force when it is first used (with your API key, which it does not " +
      "keep). Broken off anywhere, the same command goes on. Ends with 1 when something stays on a camera.",
    example: "sworn dock cameras/0001 cameras/0002",
    declare: (command) =>
      serverOptions(
        command
          .option("--dock <folder>", "the dock's own folder; beside the credentials unless given")
          .option("--dock-name <name>", "its name, when it is first used"),
      ),
    async run({ options, output, arguments: named }) {
      const identity = await findDock(world, options);
      const server = await findUrl(world, options);
      const folders = named.map((folder) => resolve(world.folder, folder));
      const cameras: HeadlessCamera[] = [];
      const sender = streamRequests();
      try {
        for (const folder of folders) {
          const camera = await openCamera(folder);
          cameras.push(camera);
          await camera.powerOn("dock");
        }
        const byId = new Map(
          cameras.map((camera, index) => [formatId(camera.dock.cameraId), folders[index] ?? ""]),
        );
        const bars = new UploadBars(world, output);
        const outcomes = await dockCameras(
          cameras.map(({ dock }) => dock),
          {
            ...{ server, identity, clock: { nowMs: () => Date.now() }, send: sender.send },
            onProgress: (progress) => {
              bars.tell(progress);
            },
            onIngestKey: (camera, statement) => installIngestKey(byId.get(camera) ?? "", statement),
          },
        );
        bars.end();
        for (const camera of cameras) await camera.dock.undock("off");
        tell(named, outcomes);
      } finally {
        sender.close();
        for (const camera of cameras) await camera.close();
      }

      function tell(names: readonly string[], outcomes: readonly CameraOutcome[]): void {
        output.json(outcomes.map((outcome, index) => jsonOf(folders[index] ?? "", outcome)));
        let stays = 0;
        for (const [index, outcome] of outcomes.entries()) {
          const name = names[index] ?? "";
          if (outcome.kind === "failed") {
            stays += 1;
            output.say(`${name}  could not be docked: ${shown(outcome.error.message)}`);
            continue;
          }
          const { recordings, findings, missing, acceptedEntries } = outcome.report;
          const freed = recordings.filter((one) => one.outcome.kind === "freed");
          stays += recordings.length - freed.length;
          const sentBytes = freed.reduce((sum, one) => sum + one.storedBytes, 0);
          output.say(
            `${name}  ${acceptedEntries.toString()} journal entries, ${freed.length.toString()} of ${recordings.length.toString()} recordings receipted (${bytesText(sentBytes)})`,
          );
          for (const one of recordings)
            output.say(
              `  ${one.number.toString().padStart(4)}  ${one.recording}  ${outcomeText(one.outcome)}`,
            );
          for (const finding of findings) output.say(`  finding: ${finding.kind} ${shown(finding.subject)}`);
          for (const one of missing)
            output.say(`  missing: recording ${one.number.toString()}, ${one.recording}`);
        }
        if (stays > 0)
          throw new CliError(
            "answer-is-no",
            "Not everything left the cameras: see above. What stayed is safe there; dock again.",
          );
      }
    },
  });
};

type Docked = Extract<CameraOutcome, { kind: "docked" }>;
type Outcome = Docked["report"]["recordings"][number]["outcome"];

function outcomeText(outcome: Outcome): string {
  switch (outcome.kind) {
    case "freed":
      return outcome.verdict;
    case "quarantined":
    case "kept":
      return `${outcome.kind}: ${shown(outcome.detail)}`;
    case "failed":
      return `failed: ${shown(outcome.error.message)}`;
    case "awaiting-receipt":
      return "arrived; its receipt is not signed yet";
    case "not-sealed":
      return "still being recorded";
    case "not-tried":
      return "not tried";
  }
}

function jsonOf(folder: string, outcome: CameraOutcome): unknown {
  if (outcome.kind === "failed") return { folder, kind: "failed", error: outcome.error.message };
  const recordings = outcome.report.recordings.map((one) => ({
    ...one,
    outcome:
      one.outcome.kind === "failed" ? { kind: "failed", error: one.outcome.error.message } : one.outcome,
  }));
  return { folder, kind: "docked", ...outcome.report, recordings };
}
