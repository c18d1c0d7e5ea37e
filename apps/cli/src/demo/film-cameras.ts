// What the demo's cameras film: each its own scene, or the file that was named, with what an officer does on the way.
import type { Filming, ScriptedEvent } from "@sworn/camera";
import type { TestbedCamera } from "@sworn/testbed";
import { formatId } from "@sworn/custody";
import { drawBar } from "../upload-bars.ts";
import { bytesText, durationText } from "../output.ts";
import type { Lane } from "./stages.ts";

/** How long each records from the press, and what of the time before is kept. */
const RECORD_MS = 16_000;
const PRERECORD_MS = 4_000;
/** Encoders at the same time: each keeps about a core busy. */
export const FILM_AT_ONCE = 3;

export interface Filmed {
  readonly camera: TestbedCamera;
  readonly recording: string;
  readonly storedBytes: number;
}

// Different in each, so that a journal has something to tell.
const stories: readonly { readonly reason: string; readonly events: readonly ScriptedEvent[] }[] = [
  { reason: "incident-over", events: [{ atMs: 2_000, kind: "people-told" }] },
  {
    reason: "incident-over",
    events: [
      { atMs: 1_000, kind: "people-told" },
      { atMs: 6_000, kind: "marker", note: "Speaks to the driver" },
    ],
  },
  {
    reason: "privacy",
    events: [
      { atMs: 3_000, kind: "people-told" },
      { atMs: 6_000, kind: "mute", reason: "privileged-talk" },
      { atMs: 11_000, kind: "unmute" },
    ],
  },
  {
    reason: "handed-over",
    events: [
      { atMs: 2_000, kind: "people-told" },
      { atMs: 6_000, kind: "pause", reason: "medical" },
      { atMs: 10_000, kind: "resume" },
    ],
  },
];

function filmingFor(camera: TestbedCamera, source: string | null): Filming {
  return {
    source:
      source === null ? { kind: "scene", seed: camera.name } : { kind: "file", path: source, loop: true },
    ...{ width: 640, height: 360, fps: 10, bitrateKbps: 600, pace: "as-fast" },
  };
}

/** One lane a camera; what was filmed is added to `filmed`. */
export function filmLanes(
  cameras: readonly TestbedCamera[],
  source: string | null,
  filmed: Filmed[],
): Lane[] {
  return cameras.map((camera, index) => {
    const name = `${camera.name} ${camera.borough.name}`.padEnd(20);
    return {
      title: `${name} in standby`,
      async run(tell) {
        tell(`${name} films`);
        await camera.switchOn();
        const { reason, events } = stories[index % stories.length] ?? { reason: "incident-over", events: [] };
        const sealed = await camera.record({
          ...{ filming: filmingFor(camera, source), durationMs: RECORD_MS, prerecordMs: PRERECORD_MS },
          ...{ events, stop: { reason } },
        });
        filmed.push({ camera, recording: formatId(sealed.id), storedBytes: sealed.storedBytes });
        return `${name} ${durationText(sealed.durationMs)}  ${bytesText(sealed.storedBytes).padStart(6)}  ${sealed.parts.toString()} signed parts`;
      },
    };
  });
}

/** A camera's line while it uploads. */
export function uploadLine(camera: TestbedCamera, sentBytes: number, totalBytes: number): string {
  return (
    `${camera.name} ${camera.borough.name}`.padEnd(20) +
    ` ${drawBar(sentBytes, totalBytes, 22)}  ${bytesText(totalBytes)}`
  );
}
