// The demo's docks: every camera's journal and footage go up, and each recording's receipt frees it.
import type { TestbedCamera, TestbedForce } from "@sworn/testbed";
import { CliError } from "../exit.ts";
import { bytesText } from "../output.ts";
import { uploadLine } from "./film-cameras.ts";
import type { Lane } from "./stages.ts";

export const DOCK_AT_ONCE = 6;

export interface Uploaded {
  readonly camera: TestbedCamera;
  readonly force: TestbedForce;
  readonly recording: string;
  readonly verdict: string;
  readonly storedBytes: number;
}

/** One lane a camera; what was receipted is added to `uploaded`. */
export function dockLanes(forces: readonly TestbedForce[], uploaded: Uploaded[]): Lane[] {
  return forces.flatMap((force) =>
    force.cameras.map((camera) => {
      const name = `${camera.name} ${camera.borough.name}`.padEnd(20);
      return {
        title: `${name} waits for a place in the dock`,
        async run(tell) {
          tell(`${name} journal`);
          const [outcome] = await force.dock([camera], (progress) => {
            if (progress.kind === "upload") tell(uploadLine(camera, progress.sentBytes, progress.totalBytes));
          });
          if (outcome?.kind !== "docked") {
            throw new CliError(
              "could-not-run",
              `${camera.name} could not be docked: ${outcome?.error.message ?? "no answer"}`,
            );
          }
          let sentBytes = 0;
          for (const { recording, storedBytes, outcome: what } of outcome.report.recordings) {
            if (what.kind !== "freed") {
              const why =
                "detail" in what ? `: ${what.detail}` : "error" in what ? `: ${what.error.message}` : "";
              throw new CliError(
                "could-not-run",
                `A recording of ${camera.name} got no receipt (${what.kind}${why}).`,
              );
            }
            sentBytes += storedBytes;
            uploaded.push({ camera, force, recording, verdict: what.verdict, storedBytes });
          }
          await camera.switchOff();
          return `${name} ${outcome.report.acceptedEntries.toString().padStart(3)} journal entries, ${bytesText(sentBytes)}, receipt: ${uploaded.at(-1)?.verdict ?? "none"}`;
        },
      };
    }),
  );
}
