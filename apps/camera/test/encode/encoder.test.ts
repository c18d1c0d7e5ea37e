/** The encoder as the camera core uses it, on each back end that this machine has. */

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkSettings } from "../../node/encode/encode-options.ts";
import { ffmpegBackend } from "../../node/encode/ffmpeg-backend.ts";
import { startEncoder } from "../../node/encode/index.ts";
import type { BackendName, EncodeEvent, Encoder, StartEncoderOptions } from "../../node/encode/index.ts";
import { nodeAvBackend } from "../../node/encode/node-av-backend.ts";
import { loadNodeAv } from "../../node/encode/node-av-library.ts";
import { AUDIO_RATE_HZ } from "../../node/encode/take.ts";
import { collect, presentBackends, trackOf } from "./stream-check.ts";

const present = await presentBackends();
const CLOCK_MS = Date.parse("2014-05-08T21:14:07.000Z");
const SMALL = { width: 320, height: 180, fps: 10, bitrateKbps: 300, pace: "as-fast" } as const;

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sworn-encode-"));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

it("has at least one back end on this machine", () => {
  expect([...present]).not.toEqual([]);
});

describe.each<BackendName>(["node-av", "ffmpeg"])("%s", (backend) => {
  const missing = present.has(backend) ? false : `${backend} is not installed on this machine`;
  const test = (name: string, body: () => Promise<void>): void => {
    // This back end is not on the machine; the other one is tested.
    if (missing !== false) it.skip(`${name} (skipped: ${missing})`, body);
    else it(name, body, 30_000);
  };
  const start = (options: Partial<StartEncoderOptions>): Promise<Encoder> =>
    startEncoder({
      source: { kind: "scene", seed: "one" },
      labels: { cameraId: "CAM-0421", borough: "Camden" },
      ...SMALL,
      ...{ wallClockMs: () => CLOCK_MS, backend },
      ...options,
    });

  test("makes an init segment and whole fragments of 2 s, each with a key frame first", async () => {
    const encoder = await start({ durationMs: 7000 });
    const stream = await collect(encoder);
    expect(stream.topLevel).toEqual([
      "ftyp",
      "moov",
      ...Array.from({ length: 4 }, () => ["moof", "mdat"]).flat(),
    ]);
    expect([...stream.handlers.values()].sort()).toEqual(["soun", "vide"]);
    expect(stream.fragments.map((fragment) => fragment.videoSamples)).toEqual([20, 20, 20, 10]);
    expect(stream.fragments.map((fragment) => fragment.sequence)).toEqual([1, 2, 3, 4]);
    expect(stream.fragments.every((fragment) => fragment.startsWithKeyFrame)).toBe(true);
    expect(stream.fragments.map((fragment) => fragment.startS.get(trackOf(stream, "vide")))).toEqual([
      0, 2, 4, 6,
    ]);
    for (const [index, fragment] of stream.fragments.entries()) {
      expect(fragment.startS.get(trackOf(stream, "soun"))).toBeCloseTo(index * 2, 1);
    }
    expect(await encoder.done).toMatchObject({ reason: "duration", mediaMs: 7000, fragments: 4, frames: 70 });
    expect(encoder.startedAtMs).toBe(CLOCK_MS);
  });

  test("shows a pause as a jump of the decode time, and ends the fragment in hand before it", async () => {
    const events: EncodeEvent[] = [];
    const encoder = await start({
      ...{
        durationMs: 12_000,
        schedule: [
          { pause: true, atMs: 3000 },
          { pause: false, atMs: 8500 },
        ],
      },
      onEvent: (event) => events.push(event),
    });
    const stream = await collect(encoder);
    const video = trackOf(stream, "vide");
    expect(stream.fragments.map((fragment) => fragment.startS.get(video))).toEqual([0, 2, 8.5, 10.5]);
    expect(stream.fragments.map((fragment) => fragment.videoSamples)).toEqual([20, 10, 20, 15]);
    expect(stream.fragments.map((fragment) => fragment.sequence)).toEqual([1, 2, 3, 4]);
    expect(stream.fragments.every((fragment) => fragment.startsWithKeyFrame)).toBe(true);
    expect(stream.fragments[2]?.startS.get(trackOf(stream, "soun"))).toBeCloseTo(8.5, 1);
    expect(stream.topLevel.filter((type) => type === "moov")).toHaveLength(1);
    expect(events).toEqual([
      { kind: "paused", atMs: 3000, fragmentIndex: 2 },
      { kind: "resumed", atMs: 8500, fragmentIndex: 2 },
    ]);
  });

  test("is silent before the microphone is on and while muted, and heard in between", async () => {
    const events: EncodeEvent[] = [];
    const encoder = await start({
      ...{
        durationMs: 10_000,
        audioFromMs: 2000,
        schedule: [
          { mute: true, atMs: 5100 },
          { mute: false, atMs: 7900 },
        ],
      },
      onEvent: (event) => events.push(event),
    });
    const stream = await collect(encoder);
    expect(events).toEqual([
      { kind: "unmuted", atMs: 2000, fragmentIndex: 1 },
      { kind: "muted", atMs: 6000, fragmentIndex: 3 },
      { kind: "unmuted", atMs: 8000, fragmentIndex: 4 },
    ]);
    const samples = await listenTo(stream.bytes, 10, backend);
    // Away from the edges by one codec frame: AAC smears over 1024 samples and its delay is 1024.
    expect(loudest(samples, 0, 1.93)).toBeLessThanOrEqual(2);
    expect(loudest(samples, 2.1, 5.9)).toBeGreaterThan(500);
    expect(loudest(samples, 6.08, 7.93)).toBeLessThanOrEqual(2);
    expect(loudest(samples, 8.1, 9.9)).toBeGreaterThan(500);
  });

  test("films its own output: the file reader gives as many pictures as there are, then loops or ends", async () => {
    const film = await collect(await start({ durationMs: 3000 }));
    const path = join(folder, `source-${backend}.mp4`);
    await writeFile(path, film.bytes);
    const once = await start({ source: { kind: "file", path } });
    expect((await collect(once)).fragments).toHaveLength(2);
    expect(await once.done).toMatchObject({ reason: "source-ended", frames: 30 });
    const looped = await start({ source: { kind: "file", path, loop: true }, durationMs: 8000 });
    await collect(looped);
    expect(await looped.done).toMatchObject({ reason: "duration", frames: 80 });
  });

  test("keeps real time, hands over each fragment as it is made, and stops cleanly when told", async () => {
    const started = performance.now();
    const encoder = await start({ pace: "real-time", fragmentMs: 500 });
    const arrivals: number[] = [];
    const chunks: Uint8Array[] = [];
    for await (const chunk of encoder.fragments) {
      chunks.push(chunk);
      arrivals.push(performance.now() - started);
      if (arrivals.length === 4) encoder.stop();
    }
    const summary = await encoder.done;
    expect(summary.reason).toBe("stopped");
    expect(summary.mediaMs).toBeLessThan(arrivals.at(-1) ?? 0);
    expect((arrivals.at(-1) ?? 0) - (arrivals[0] ?? 0)).toBeGreaterThan(400);
    expect(summary.mediaMs).toBeLessThan(10_000);
  });

  async function listenTo(bytes: Buffer, seconds: number, name: BackendName): Promise<Int16Array> {
    const path = join(folder, `listen-${name}.mp4`);
    await writeFile(path, bytes);
    const reading = name === "node-av" ? nodeAvBackend(await loadNodeAv()) : ffmpegBackend("ffmpeg");
    const reader = await reading.openFile(path, checkSettings({ ...SMALL, source: { kind: "file", path } }));
    const samples = new Int16Array(seconds * AUDIO_RATE_HZ);
    await reader.readAudio(samples);
    await reader.close();
    return samples;
  }
});

function loudest(samples: Int16Array, fromS: number, toS: number): number {
  return samples
    .subarray(fromS * AUDIO_RATE_HZ, toS * AUDIO_RATE_HZ)
    .reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
}
