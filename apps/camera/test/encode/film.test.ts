/** The loop that keeps time and the joiner of takes, with a codec that only writes boxes: no process, no waiting. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Controls } from "../../node/encode/controls.ts";
import { EncodeError } from "../../node/encode/encode-error.ts";
import { checkSettings } from "../../node/encode/encode-options.ts";
import type { ControlMessage } from "../../node/encode/index.ts";
import { film } from "../../node/encode/film.ts";
import { FragmentJoiner } from "../../node/encode/fragment-joiner.ts";
import type { Backend, ByteSink, Take } from "../../node/encode/take.ts";
import { readStream } from "./stream-check.ts";

const FPS = 10;

function box(type: string, ...parts: Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  const head = Buffer.alloc(8);
  head.writeUInt32BE(body.length + 8);
  head.write(type, 4, "latin1");
  return Buffer.concat([head, body]);
}

const words = (...values: number[]): Buffer => {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value, index * 4);
  return bytes;
};

const HANDLER = box("hdlr", words(0, 0), Buffer.from("vide"), words(0, 0, 0));
const TRAK = box(
  "trak",
  box("tkhd", words(0, 0, 0, 1, 0, 0)),
  box("mdia", box("mdhd", words(0, 0, 0, FPS, 0, 0)), HANDLER),
);
const INIT = Buffer.concat([box("ftyp", Buffer.from("isom")), box("moov", TRAK)]);

function fragment(frame: number, samples: number): Buffer {
  const tfdt = box("tfdt", words(0x01000000, 0, frame));
  const trun = box("trun", words(0, samples, 0));
  const moof = box("moof", box("mfhd", words(0, 99)), box("traf", box("tfhd", words(0, 1)), tfdt, trun));
  return Buffer.concat([moof, box("mdat", Buffer.alloc(4 + samples, 0x65))]);
}

/** Cuts a fragment wherever it is told that one starts; notes what it hears. */
class BoxTake implements Take {
  readonly #deliver: ByteSink;
  readonly #heard: Int16Array[];
  #frames: number[] = [];

  constructor(deliver: ByteSink, heard: Int16Array[]) {
    this.#deliver = deliver;
    this.#heard = heard;
  }

  async writeVideo(_picture: Uint8Array, frame: number, startsFragment: boolean): Promise<void> {
    if (startsFragment) await this.#flush();
    this.#frames.push(frame);
  }

  writeAudio(samples: Int16Array): Promise<void> {
    this.#heard.push(samples.slice());
    return Promise.resolve();
  }

  finish(): Promise<void> {
    return this.#flush();
  }

  abandon(): void {
    this.#frames = [];
  }

  async #flush(): Promise<void> {
    const first = this.#frames[0];
    if (first === undefined) return;
    await this.#deliver(
      first === 0
        ? Buffer.concat([INIT, fragment(first, this.#frames.length)])
        : fragment(first, this.#frames.length),
    );
    this.#frames = [];
  }
}

async function shoot(
  schedule: readonly ControlMessage[],
  durationMs: number,
  audioFromMs: number | null = 0,
  realTimeMs: (() => number) | null = null,
) {
  const settings = checkSettings({
    source: { kind: "scene", seed: "" },
    ...{ width: 64, height: 64, fps: FPS, durationMs, audioFromMs, schedule },
    pace: realTimeMs === null ? "as-fast" : "real-time",
  });
  const heard: Int16Array[] = [];
  const backend: Backend = {
    openTake: (_settings, deliver) => Promise.resolve(new BoxTake(deliver, heard)),
    openFile: () => Promise.reject(new Error("no file here")),
  };
  const chunks: Uint8Array[] = [];
  const summary = await film({
    ...{
      backend,
      settings,
      controls: new Controls(settings),
      report: () => undefined,
      monotonicMs: realTimeMs ?? (() => 0),
    },
    footage: {
      picture: () => Promise.resolve(true),
      sound: (_frame, into) => {
        into.fill(1);
        return Promise.resolve();
      },
      close: () => Promise.resolve(),
    },
    deliver: (bytes) => {
      chunks.push(bytes);
      return Promise.resolve();
    },
  });
  return { summary, chunks, heard, stream: readStream(Buffer.concat(chunks)) };
}

/** Pauses at rising times, each with its end. */
const pauses = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 60 })), { maxLength: 5 })
  .map((gaps) => {
    let frame = 0;
    return gaps.map(([filmed, paused]) => {
      const from = frame + filmed;
      frame = from + paused;
      return { from, to: frame };
    });
  });

describe("film", () => {
  it("puts every frame at its own time, whatever was paused, in gapless fragments of at most 2 s", async () => {
    await fc.assert(
      fc.asyncProperty(pauses, async (gaps) => {
        const schedule = gaps.flatMap(({ from, to }) => [
          { pause: true, atMs: from * 100 },
          { pause: false, atMs: to * 100 },
        ]);
        const { stream, summary, chunks } = await shoot(schedule, 60_000);
        const expected: number[] = [];
        let start = 0;
        for (const { from, to } of [...gaps, { from: 600, to: 600 }]) {
          for (let frame = start; frame < from; frame += 20) expected.push(frame / FPS);
          start = to;
        }
        expect(stream.fragments.map((seen) => seen.startS.get(1))).toEqual(expected);
        expect(stream.fragments.map((seen) => seen.sequence)).toEqual(expected.map((_, index) => index + 1));
        const pausedFrames = gaps.reduce((sum, { from, to }) => sum + to - from, 0);
        expect(summary.frames).toBe(600 - pausedFrames);
        expect(stream.fragments.reduce((sum, seen) => sum + seen.videoSamples, 0)).toBe(summary.frames);
        expect(chunks).toHaveLength(1 + expected.length);
        expect(summary.fragments).toBe(expected.length);
      }),
      { numRuns: 50 },
    );
  });

  it("passes on no sound before the microphone is on, and switches only where a fragment starts", async () => {
    const { heard } = await shoot([{ mute: true, atMs: 4100 }], 8000, 1900);
    const audible = heard.map((samples) => samples.every((sample) => sample === 1));
    const silent = heard.map((samples) => samples.every((sample) => sample === 0));
    expect(audible.indexOf(true)).toBe(20);
    expect(audible.lastIndexOf(true)).toBe(59);
    expect(silent.map((quiet, index) => quiet !== audible[index]).every(Boolean)).toBe(true);
    const never = await shoot([], 1000, null);
    expect(never.heard.every((samples) => samples.every((sample) => sample === 0))).toBe(true);
  });

  it("drops pictures, never sound, when the machine stalls, and starts anew with a key frame", async () => {
    let calls = 0;
    const stalledAt3s = (): number => {
      calls += 1;
      return calls <= 31 ? (calls - 1) * 100 : Math.max(8000, (calls - 1) * 100);
    };
    const { stream, summary, heard } = await shoot([], 10_000, 0, stalledAt3s);
    expect(summary).toMatchObject({ frames: 55, droppedFrames: 45 });
    expect(heard).toHaveLength(100);
    expect(stream.fragments.map((seen) => seen.startS.get(1))).toEqual([0, 2, 7.5, 8]);
    expect(stream.fragments.every((seen) => seen.startsWithKeyFrame)).toBe(true);
  });

  it("can be stopped in the middle of a pause", async () => {
    const { summary, stream } = await shoot(
      [
        { pause: true, atMs: 1000 },
        { stop: true, atMs: 3000 },
      ],
      60_000,
    );
    expect(summary).toMatchObject({ reason: "stopped", mediaMs: 3000, frames: 10 });
    expect(stream.fragments).toHaveLength(1);
  });
});

describe("the joiner", () => {
  const collector = () => {
    const out: Uint8Array[] = [];
    const joiner = new FragmentJoiner((bytes) => {
      out.push(bytes);
      return Promise.resolve();
    });
    joiner.beginTake(0, FPS);
    return { joiner, out };
  };
  const whole = Buffer.concat([INIT, fragment(0, 20), fragment(20, 20)]);

  it("gives the same chunks however its input is cut", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 90 })), async (cuts) => {
        const { joiner, out } = collector();
        let at = 0;
        for (const cut of cuts) {
          await joiner.push(whole.subarray(at, at + cut));
          at += cut;
        }
        await joiner.push(whole.subarray(at));
        joiner.endTake();
        expect(out.map((bytes) => bytes.length)).toEqual([
          INIT.length,
          fragment(0, 20).length,
          fragment(20, 20).length,
        ]);
      }),
    );
  });

  it("throws nothing but EncodeError on arbitrary and on damaged bytes", async () => {
    const damaged = fc
      .array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 })
      .map((changes) => {
        const copy = Buffer.from(whole);
        for (const [at, value] of changes) copy[at] = value;
        return copy;
      });
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.uint8Array({ maxLength: 400 }), damaged), async (bytes) => {
        const { joiner } = collector();
        try {
          await joiner.push(bytes);
          joiner.endTake();
        } catch (error) {
          expect(error).toBeInstanceOf(EncodeError);
        }
      }),
      { numRuns: 500 },
    );
  });
});
