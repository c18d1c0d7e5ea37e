// Byte ranges of a recording over HTTP: exactly the plaintext, only the segments needed, and never an unproven byte.
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ForceId } from "@sworn/contract";
import { FLOE_HEADER_BYTES, FLOE_SEGMENT_BYTES } from "@sworn/vault";
import {
  randomParts,
  startPlaybackServer,
  type PlaybackServer,
  type PutRecording,
} from "./playback-server.ts";

let given: PlaybackServer;
let key: string;
let forceId: ForceId;
let recording: PutRecording;

beforeAll(async () => {
  given = await startPlaybackServer();
  ({ key, forceId } = await given.found("met"));
  recording = await given.put(forceId, randomParts(900, 700_000, 65_504, 1, 131_008, 40_000));
});
afterAll(async () => {
  await given.stop();
});

async function get(
  id: string,
  headers: Record<string, string> = {},
  method = "GET",
): Promise<{ status: number; headers: Headers; bytes: Buffer }> {
  const answer = await fetch(`${given.server.url}/v1/recordings/${id}/media`, {
    method,
    headers: { authorization: `Bearer ${key}`, ...headers },
  });
  return { status: answer.status, headers: answer.headers, bytes: Buffer.from(await answer.arrayBuffer()) };
}

const findings = (id: string) =>
  given.server.test.asAdministrator(
    "select kind, subject, detail from sworn.finding where recording_id = $1",
    [id],
  );

describe("byte ranges", () => {
  it("of any place and length are slices of the plaintext", async () => {
    const sizeBytes = recording.plaintext.length;
    await fc.assert(
      fc.asyncProperty(fc.nat(sizeBytes - 1), fc.nat(300_000), async (from, length) => {
        const to = Math.min(sizeBytes, from + length + 1);
        const answer = await get(recording.id, { range: `bytes=${String(from)}-${String(to - 1)}` });
        expect(answer.status).toBe(206);
        expect(answer.headers.get("content-range")).toBe(
          `bytes ${String(from)}-${String(to - 1)}/${String(sizeBytes)}`,
        );
        expect(answer.bytes.equals(recording.plaintext.subarray(from, to))).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it("give the whole file without Range, and a suffix", async () => {
    const whole = await get(recording.id);
    expect(whole.status).toBe(200);
    expect(whole.headers.get("accept-ranges")).toBe("bytes");
    expect(whole.headers.get("cache-control")).toContain("no-store");
    expect(whole.bytes.equals(recording.plaintext)).toBe(true);
    const suffix = await get(recording.id, { range: "bytes=-7" });
    expect(suffix.bytes.equals(recording.plaintext.subarray(-7))).toBe(true);
  });

  it("follow If-Range and If-None-Match by the identity of the master", async () => {
    const etag = `"${Buffer.from(recording.identity).toString("hex")}"`;
    const same = await get(recording.id, { range: "bytes=0-9", "if-range": etag });
    expect([same.status, same.headers.get("etag")]).toEqual([206, etag]);
    expect((await get(recording.id, { range: "bytes=0-9", "if-range": '"other"' })).status).toBe(200);
    const known = await get(recording.id, { "if-none-match": etag });
    expect([known.status, known.bytes.length]).toEqual([304, 0]);
  });

  it("answer HEAD with the length and no body", async () => {
    const answer = await get(recording.id, { range: "bytes=0-9" }, "HEAD");
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-length")).toBe(String(recording.plaintext.length));
    expect(answer.bytes).toHaveLength(0);
  });

  it("answer 416 beyond the end, with the length", async () => {
    const answer = await get(recording.id, { range: `bytes=${String(recording.plaintext.length)}-` });
    expect(answer.status).toBe(416);
    expect(answer.headers.get("content-range")).toBe(`bytes */${String(recording.plaintext.length)}`);
    expect(answer.headers.get("content-type")).toContain("problem+json");
  });

  it("read the segments they touch and nothing else", async () => {
    const fresh = await given.put(forceId, randomParts(900, 700_000, 300_000));
    const [init, first] = fresh.parts;
    if (init === undefined || first === undefined) throw new Error("no parts");
    const readsOf = async (from: number, length: number) => {
      given.reads.length = 0;
      const answer = await get(fresh.id, { range: `bytes=${String(from)}-${String(from + length - 1)}` });
      expect(answer.bytes.equals(fresh.plaintext.subarray(from, from + length))).toBe(true);
      return given.reads.map(({ offsetBytes, lengthBytes }) => ({ offsetBytes, lengthBytes }));
    };
    const plain = FLOE_SEGMENT_BYTES - 32;
    const header = { offsetBytes: init.storedBytes, lengthBytes: FLOE_HEADER_BYTES };
    const segment = (number: number, count: number) => ({
      offsetBytes: init.storedBytes + FLOE_HEADER_BYTES + number * FLOE_SEGMENT_BYTES,
      lengthBytes: count * FLOE_SEGMENT_BYTES,
    });
    // 100 bytes over a border: two segments and, the first time, the header of their part.
    expect(await readsOf(900 + 3 * plain - 50, 100)).toEqual([segment(2, 2), header]);
    expect(await readsOf(900 + 3 * plain - 50, 100)).toEqual([segment(2, 2)]);
    expect(await readsOf(900 + plain, 1)).toEqual([segment(1, 1)]);
    // A long read goes in steps of eight segments: memory does not grow with the range.
    const steps = await readsOf(0, fresh.plaintext.length);
    expect(Math.max(...steps.map(({ lengthBytes }) => lengthBytes))).toBeLessThanOrEqual(600_000);
    const end = steps.reduce((at, step) => Math.max(at, step.offsetBytes + step.lengthBytes), 0);
    expect(end).toBe(fresh.parts.reduce((sum, part) => sum + part.storedBytes, 0));
  });
});

describe("altered bytes", () => {
  it("are never sent: an error where nothing was sent yet, and a finding that names the seconds", async () => {
    const altered = await given.put(forceId, randomParts(900, 200_000, 200_000), {}, (stored) => {
      const at = stored.length - 100_000;
      stored[at] = (stored[at] ?? 0) ^ 1;
    });
    const good = await get(altered.id, { range: "bytes=0-100000" });
    expect(good.bytes.equals(altered.plaintext.subarray(0, 100_001))).toBe(true);
    const bad = await get(altered.id, { range: "bytes=320000-330000" });
    expect([bad.status, bad.headers.get("content-range")]).toEqual([500, null]);
    expect(bad.bytes.toString()).toContain("finding");
    expect(await findings(altered.id)).toMatchObject([
      { kind: "altered", subject: "media part 2", detail: { part: 2, fromMs: 1000, toMs: 2000 } },
    ]);
    await get(altered.id, { range: "bytes=320000-330000" });
    expect(await findings(altered.id)).toHaveLength(1);
  });

  it("cut the connection in the middle of a long answer", async () => {
    const altered = await given.put(forceId, randomParts(900, 3_000_000, 3_000_000), {}, (stored) => {
      stored[stored.length - 10] = (stored.at(-10) ?? 0) ^ 0x80;
    });
    const answer = await fetch(`${given.server.url}/v1/recordings/${altered.id}/media`, {
      headers: { authorization: `Bearer ${key}` },
    });
    expect(answer.status).toBe(200);
    const got: Buffer[] = [];
    await expect(
      (async () => {
        if (answer.body !== null) for await (const piece of answer.body) got.push(Buffer.from(piece));
      })(),
    ).rejects.toThrow();
    const received = Buffer.concat(got);
    expect(received.length).toBeGreaterThan(0);
    expect(received.length).toBeLessThan(altered.plaintext.length - 10);
    expect(received.equals(altered.plaintext.subarray(0, received.length))).toBe(true);
    await expect
      .poll(() => findings(altered.id))
      .toMatchObject([{ kind: "altered", subject: "media part 2" }]);
  });

  it.each([
    ["header of the init segment", 3],
    ["length field", 74],
    ["tag of the last segment", -1],
  ])("are found in the %s", async (_name, at) => {
    const altered = await given.put(forceId, randomParts(500, 1000), {}, (stored) => {
      const index = at < 0 ? stored.length + at : at;
      stored[index] = (stored[index] ?? 0) ^ 4;
    });
    expect((await get(altered.id)).status).toBe(500);
    expect(await findings(altered.id)).toMatchObject([{ kind: "altered" }]);
  });

  it("of another length, and objects that are gone, are findings too", async () => {
    const gone = await given.put(forceId, randomParts(500, 1000));
    await given.store.delete(gone.objectKey);
    expect((await get(gone.id)).status).toBe(500);
    expect(await findings(gone.id)).toMatchObject([{ kind: "missing" }]);
  });
});
