// Short ranges past the framework: what the route would have answered, for whom it would have answered.
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ForceId } from "@sworn/contract";
import {
  randomParts,
  startPlaybackServer,
  type PlaybackServer,
  type PutRecording,
} from "./playback-server.ts";

let given: PlaybackServer;
let key: string;
let forceId: ForceId;

beforeAll(async () => {
  given = await startPlaybackServer();
  ({ key, forceId } = await given.found("met"));
});
afterAll(async () => {
  await given.stop();
});

async function visit(path: string, headers: Record<string, string>) {
  const answer = await fetch(given.server.url + path, { headers, redirect: "manual" });
  return { status: answer.status, headers: answer.headers, body: Buffer.from(await answer.arrayBuffer()) };
}

/** The address of a play's media and the cookie for it. */
async function play({ id }: PutRecording): Promise<{ media: string; cookie: string }> {
  const begun = await given.server.call("POST", `/v1/recordings/${id}/plays`, {
    key,
    body: { reason: "It" },
  });
  const { url, media } = begun.body as { url: string; media: string };
  const opened = await visit(url, {});
  return { media, cookie: (opened.headers.get("set-cookie") ?? "").split(";")[0] ?? "" };
}

describe("a short range", () => {
  it("is what the route gives: the bytes, and every header but the request's own", async () => {
    const recording = await given.put(forceId, randomParts(900, 400_000, 65_504, 1, 131_008));
    const { media, cookie } = await play(recording);
    const sizeBytes = recording.plaintext.length;
    // An If-Range that fits asks for the same, and is the route's business.
    const etag = `"${Buffer.from(recording.identity).toString("hex")}"`;
    const headersOf = (headers: Headers) =>
      [...headers].filter(([name]) => !["date", "x-request-id"].includes(name)).sort();
    await fc.assert(
      fc.asyncProperty(fc.nat(sizeBytes - 1), fc.nat(270_000), async (from, length) => {
        const range = `bytes=${String(from)}-${String(from + length)}`;
        const byRoute = await visit(media, { cookie, range, "if-range": etag });
        const short = await visit(media, { cookie, range });
        expect([byRoute.status, short.status]).toEqual([206, 206]);
        expect(short.body.equals(recording.plaintext.subarray(from, from + length + 1))).toBe(true);
        expect(headersOf(short.headers)).toEqual(headersOf(byRoute.headers));
        expect(short.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
      }),
      { numRuns: 30 },
    );
    const metrics = (await visit("/metrics", { authorization: `Bearer ${key}` })).body.toString();
    expect(metrics).toMatch(/_count\{method="GET",route="\/play\/:play\/media",status="206"\} (6\d|[7-9]\d)/);
  });

  it("is refused to whom the route refuses it", async () => {
    const recording = await given.put(forceId, randomParts(900, 100_000));
    const { media, cookie } = await play(recording);
    const range = "bytes=10-20";
    expect((await visit(media, { cookie, range })).status).toBe(206);
    expect((await visit(media, { range })).status).toBe(403);
    expect((await visit(media, { cookie: `sworn-play=${"A".repeat(43)}`, range })).status).toBe(403);
    expect((await visit(media, { cookie, range, "x-forwarded-for": "198.51.100.7" })).status).toBe(403);
    expect((await visit(media, { cookie, range: "bytes=200000-200001" })).status).toBe(416);
    given.playback.forget(recording.id);
    await given.server.test.asAdministrator(
      "update sworn.recording set state = 'destroy-ordered' where id = $1",
      [recording.id],
    );
    expect((await visit(media, { cookie, range })).status).toBe(410);
  });

  it("of altered bytes is an error and a finding, as the route makes them", async () => {
    const altered = await given.put(forceId, randomParts(900, 200_000, 200_000), {}, (stored) => {
      const at = stored.length - 100_000;
      stored[at] = (stored[at] ?? 0) ^ 1;
    });
    const { media, cookie } = await play(altered);
    expect((await visit(media, { cookie, range: "bytes=0-99" })).status).toBe(206);
    const bad = await visit(media, { cookie, range: "bytes=320000-330000" });
    expect([bad.status, bad.headers.get("content-range")]).toEqual([500, null]);
    const findings = await given.server.test.asAdministrator(
      "select kind, subject from sworn.finding where recording_id = $1",
      [altered.id],
    );
    expect(findings).toEqual([{ kind: "altered", subject: "media part 2" }]);
  });
});
