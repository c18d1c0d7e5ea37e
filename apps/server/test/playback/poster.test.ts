// Posters: a real picture behind the pre-record, encrypted under a key that dies with the master, logged when seen.
import { spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { afterEach, describe, expect, it } from "vitest";
import type { CameraId, ForceId } from "@sworn/contract";
import type { JournalEntry } from "@sworn/custody";
import { FragmentSplitter } from "@sworn/media";
import { startJobs } from "../../src/jobs/index.ts";
import { withForce } from "../../src/platform/database/database.ts";
import { silentLog } from "../../src/platform/log.ts";
import { createMetrics } from "../../src/platform/metrics.ts";
import { enqueuePoster, type Playback } from "../../src/playback/index.ts";
import { nodeAvIsInstalled } from "../../src/playback/poster/choose-decoder.ts";
import {
  randomParts,
  startPlaybackServer,
  type PlaybackServer,
  type TimedPlaintext,
} from "./playback-server.ts";

/** Four fragments of one second: the first two red, then blue. */
function film(): TimedPlaintext[] | null {
  const colours = ["red", "blue"].flatMap((colour) => [
    "-f",
    "lavfi",
    "-i",
    `color=${colour}:s=1280x720:r=10:d=2`,
  ]);
  const made = spawnSync(
    "ffmpeg",
    [
      ...["-v", "error"],
      ...colours,
      ...["-filter_complex", "concat=n=2:v=1:a=0", "-c:v", "libx264", "-g", "10"],
      ...["-sc_threshold", "0", "-bf", "0", "-pix_fmt", "yuv420p", "-f", "mp4"],
      ...["-movflags", "+frag_keyframe+empty_moov+default_base_moof+cmaf+skip_trailer", "pipe:1"],
    ],
    { maxBuffer: 64 * 1024 * 1024 },
  );
  if (made.status !== 0) return null;
  const splitter = new FragmentSplitter();
  const parts = splitter.push(made.stdout);
  splitter.finish();
  return parts.map((part) =>
    part.kind === "init"
      ? { bytes: part.bytes, startMs: 0, durationMs: 0 }
      : { bytes: part.bytes, startMs: part.startMs, durationMs: part.durationMs },
  );
}

const footage = film();
const noDecoder = footage === null;
let given: PlaybackServer;
afterEach(async () => {
  await given.stop();
});

async function begin(options: Parameters<typeof startPlaybackServer>[0] = {}) {
  given = await startPlaybackServer(options);
  const force = await given.found("met");
  const recording = await given.put(force.forceId, footage ?? []);
  return { ...force, recording };
}

function run(
  task: Playback["posterTask"],
  forceId: ForceId,
  recordingId: string,
  derivativeId: string = randomUUID(),
): Promise<void> {
  const context = {
    forceId,
    personId: null,
    attempt: 1,
    signal: new AbortController().signal,
    log: silentLog,
  };
  return task.run({ recordingId, derivativeId }, context);
}

async function poster(
  key: string,
  id: string,
): Promise<{ status: number; type: string | null; jpeg: Buffer }> {
  const answer = await fetch(`${given.server.url}/v1/recordings/${id}/poster`, {
    headers: { authorization: `Bearer ${key}` },
  });
  return {
    status: answer.status,
    type: answer.headers.get("content-type"),
    jpeg: Buffer.from(await answer.arrayBuffer()),
  };
}

/** The mean colour of a JPEG and its size, by an independent decoder. */
function look(jpeg: Buffer): { red: number; blue: number; bytes: number } {
  const raw = spawnSync(
    "ffmpeg",
    ["-v", "error", "-i", "pipe:0", "-f", "rawvideo", "-pix_fmt", "rgb24", "pipe:1"],
    {
      input: jpeg,
      maxBuffer: 64 * 1024 * 1024,
    },
  ).stdout;
  const middle = Math.floor(raw.length / 6) * 3;
  return { red: raw[middle] ?? -1, blue: raw[middle + 2] ?? -1, bytes: raw.length };
}

const entries = (event: string) =>
  given.server.test.asAdministrator("select id from sworn.ledger_entry where event = $1", [event]);

// Without node-av and ffmpeg there is nothing to decode with; npm test brings one of them.
describe.skipIf(noDecoder)("a poster", () => {
  const decoders = (["node-av", "ffmpeg"] as const).filter(
    (name) => name === "ffmpeg" || nodeAvIsInstalled(),
  );
  it.each(decoders)("is made by %s, at most 640 pixels wide", async (decoder) => {
    const { key, forceId, recording } = await begin({ poster: { decoder } });
    await run(given.playback.posterTask, forceId, recording.id);
    const seen = await poster(key, recording.id);
    expect([seen.status, seen.type]).toEqual([200, "image/jpeg"]);
    const picture = look(seen.jpeg);
    expect(picture.bytes).toBe(640 * 360 * 3);
    expect(picture.red).toBeGreaterThan(200);
    expect(picture.blue).toBeLessThan(60);
  });

  it("is taken behind the pre-record that the journal tells of", async () => {
    const asked: unknown[] = [];
    const { key, forceId, recording } = await begin({
      poster: {
        readEntries: (place, range) => {
          asked.push([place.camera, range]);
          const entry = { kind: "recording-started", body: { prerecordMs: 2000 } } as unknown as JournalEntry;
          return Promise.resolve([{ entry }]);
        },
      },
    });
    const camera = randomUUID() as CameraId;
    await given.server.test.asAdministrator(
      `insert into sworn.camera (id, force_id, name, model, spki, certificate, certificate_hash, serial, enrolled_at)
       values ($1, $2, 'LEW-01', 'test', '', '', $3, '1', now())`,
      [camera, forceId, Buffer.alloc(32)],
    );
    await given.server.test.asAdministrator("update sworn.recording set camera_id = $1, first_sequence = 7", [
      camera,
    ]);
    await run(given.playback.posterTask, forceId, recording.id);
    expect(asked).toEqual([[camera, { from: 7, to: 7 }]]);
    const picture = look((await poster(key, recording.id)).jpeg);
    expect(picture.blue).toBeGreaterThan(200);
    expect(picture.red).toBeLessThan(60);
  });

  it("comes from the queue with the transaction, once, and is an entry in the ledger", async () => {
    const { key, forceId, recording } = await begin();
    const { database, source } = given.server.test;
    const jobs = await startJobs({
      ...{
        database,
        databaseSource: source,
        clock: given.server.clock,
        log: silentLog,
        metrics: createMetrics(),
      },
      tasks: [given.playback.posterTask],
    });
    try {
      await withForce(database, { forceId, personId: null }, (tx) => enqueuePoster(tx, recording.id));
      await expect.poll(async () => (await poster(key, recording.id)).status, { timeout: 10_000 }).toBe(200);
      await run(given.playback.posterTask, forceId, recording.id);
    } finally {
      await jobs.stop();
    }
    expect(await entries("poster-made")).toHaveLength(1);
    expect(await given.server.test.asAdministrator("select id from sworn.derivative")).toHaveLength(1);
  });

  it("is logged once an hour for each person that sees it", async () => {
    const { key, forceId, recording } = await begin();
    await run(given.playback.posterTask, forceId, recording.id);
    await Promise.all([1, 2, 3].map(() => poster(key, recording.id)));
    expect(await entries("poster-viewed")).toHaveLength(1);
    given.server.clock.advanceMs(3_600_000);
    await poster(key, recording.id);
    expect(await entries("poster-viewed")).toHaveLength(2);
    expect(await entries("recording-viewed")).toHaveLength(0);
  });

  it("lies encrypted, and is unreadable without its master's key", async () => {
    const { key, forceId, recording } = await begin();
    await run(given.playback.posterTask, forceId, recording.id);
    const [row] = await given.server.test.asAdministrator(
      "select object_key, stored_bytes from sworn.derivative",
    );
    const opened = await given.store.openObject(String(row?.["object_key"]));
    if (opened.kind === "absent") throw new Error("no object");
    const stored = await opened.object.read(0, opened.object.sizeBytes);
    expect(stored.includes(Buffer.from([0xff, 0xd8, 0xff]))).toBe(false);
    await given.ring.delete(`recording/${recording.id}`);
    expect((await poster(key, recording.id)).status).toBe(410);
  });

  it("that was altered is not shown, and is a finding", async () => {
    const { key, forceId, recording } = await begin();
    await run(given.playback.posterTask, forceId, recording.id);
    const [row] = await given.server.test.asAdministrator("select object_key from sworn.derivative");
    const objectKey = String(row?.["object_key"]);
    const opened = await given.store.openObject(objectKey);
    if (opened.kind === "absent") throw new Error("no object");
    const stored = await opened.object.read(0, opened.object.sizeBytes);
    stored[500] = (stored[500] ?? 0) ^ 1;
    await given.store.delete(objectKey);
    await given.store.putObject(objectKey, stored);
    expect((await poster(key, recording.id)).status).toBe(500);
    const findings = await given.server.test.asAdministrator("select kind, subject from sworn.finding");
    expect(findings).toEqual([{ kind: "altered", subject: "poster" }]);
  });

  it("that was overtaken by the order to destroy leaves nothing behind", async () => {
    const { forceId, recording } = await begin();
    const derivative = randomUUID();
    const objectKey = `${forceId}/recordings/${recording.id}/derivatives/${derivative}`;
    await given.store.putObject(objectKey, new Uint8Array(10));
    await given.server.test.asAdministrator("update sworn.recording set state = 'destroy-ordered'");
    await run(given.playback.posterTask, forceId, recording.id, derivative);
    expect((await given.store.openObject(objectKey)).kind).toBe("absent");
    expect(await given.server.test.asAdministrator("select id from sworn.derivative")).toEqual([]);
  });

  it("replaces what a run that died before its commit left behind", async () => {
    const { key, forceId, recording } = await begin();
    const derivative = randomUUID();
    await given.store.putObject(
      `${forceId}/recordings/${recording.id}/derivatives/${derivative}`,
      new Uint8Array(10),
    );
    await run(given.playback.posterTask, forceId, recording.id, derivative);
    expect((await poster(key, recording.id)).status).toBe(200);
  });
});

describe("no poster", () => {
  it("of footage that no decoder understands, and the job says why", async () => {
    given = await startPlaybackServer();
    const { key, forceId } = await given.found("met");
    const file = await given.put(forceId, randomParts(5_000), {
      format: "file",
      number: null,
      verdict: "unattested",
    });
    await expect(run(given.playback.posterTask, forceId, file.id)).rejects.toMatchObject({
      name: "PlaybackFault",
    });
    expect((await poster(key, file.id)).status).toBe(404);
  });

  it("for a payload that names nothing", async () => {
    given = await startPlaybackServer();
    const { forceId } = await given.found("met");
    for (const payload of [null, 7, {}, { recordingId: "x", derivativeId: "y" }]) {
      const context = {
        forceId,
        personId: null,
        attempt: 1,
        signal: new AbortController().signal,
        log: silentLog,
      };
      await expect(given.playback.posterTask.run(payload, context)).rejects.toMatchObject({
        code: "bad-payload",
      });
    }
  });
});
