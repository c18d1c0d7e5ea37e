// Play sessions: who may watch, how long, what the ledger says of it; and that the destroyed stays unreadable.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
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
let recording: PutRecording;

beforeEach(async () => {
  given = await startPlaybackServer();
  ({ key, forceId } = await given.found("met"));
  recording = await given.put(forceId, randomParts(900, 70_000, 50_000, 1_234));
});
afterEach(async () => {
  await given.stop();
});

interface Begun {
  play: string;
  url: string;
  playlist: string;
  media: string;
}

async function begin(id: string = recording.id, withKey = key): Promise<Begun> {
  const answer = await given.server.call("POST", `/v1/recordings/${id}/plays`, {
    key: withKey,
    body: { reason: "Review of a stop" },
  });
  expect(answer.status).toBe(201);
  return answer.body as unknown as Begun;
}

async function visit(path: string, headers: Record<string, string> = {}) {
  const answer = await fetch(given.server.url + path, { headers, redirect: "manual" });
  return { status: answer.status, headers: answer.headers, body: Buffer.from(await answer.arrayBuffer()) };
}

async function openPage(begun: Begun): Promise<string> {
  const answer = await visit(begun.url);
  expect([answer.status, answer.headers.get("location")]).toEqual([303, `/play/${begun.play}`]);
  return (answer.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
}

const views = (event = "recording-viewed") =>
  given.server.test.asAdministrator(
    "select person_id, leaf, sealed_opening, opening_key from sworn.ledger_entry where event = $1",
    [event],
  );

const elsewhere = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1_050));

describe("a play", () => {
  it("is one entry in the ledger with person, recording and reason, however much is read", async () => {
    const begun = await begin();
    const cookie = await openPage(begun);
    for (const path of [begun.playlist, begun.media, begun.media])
      expect((await visit(path, { cookie })).status).toBe(200);
    const [entry, ...more] = await views();
    expect(more).toEqual([]);
    const opening = await given.ledger.open(
      forceId,
      entry as unknown as Parameters<typeof given.ledger.open>[1],
    );
    expect(opening.details).toMatchObject({
      event: "recording-viewed",
      data: { play: begun.play, via: "page", reason: "Review of a stop" },
    });
  });

  it("opens once by its code, and then by a cookie that scripts and other pages cannot use", async () => {
    const begun = await begin();
    const opened = await visit(begun.url);
    const cookie = opened.headers.get("set-cookie") ?? "";
    expect(cookie).toMatch(/^sworn-play=[A-Za-z0-9_-]{43}; /);
    for (const attribute of ["HttpOnly", "SameSite=Strict", `Path=/play/${begun.play}`])
      expect(cookie).toContain(attribute);
    expect((await visit(begun.url)).status).toBe(403);
    const token = cookie.split(";")[0] ?? "";
    expect((await visit(begun.url, { cookie: token })).status).toBe(303);
    const page = await visit(`/play/${begun.play}`, { cookie: token });
    expect([page.status, page.headers.get("cache-control")]).toEqual([200, "private, no-store"]);
    expect(page.headers.get("content-security-policy")).not.toContain("unsafe-inline");
    expect(page.body.toString()).toContain(recording.id);
    expect((await visit(begun.media, { cookie: token })).body.equals(recording.plaintext)).toBe(true);
  });

  it("stores no secret in the clear", async () => {
    const begun = await begin();
    const cookie = await openPage(begun);
    const rows = JSON.stringify(await given.server.test.asAdministrator("select * from sworn.play"));
    expect(rows).toContain(begun.play);
    expect(rows).not.toContain(cookie.split("=")[1]);
    expect(rows).not.toContain(new URL(begun.url, given.server.url).searchParams.get("code"));
  });

  it("refuses no cookie, a wrong one, another play's and an unknown play alike", async () => {
    const begun = await begin();
    const other = await begin((await given.put(forceId, randomParts(10, 10), { number: 2 })).id);
    const foreign = await openPage(other);
    await openPage(begun);
    const unknown = begun.media.replace(begun.play, "00000000-0000-4000-8000-000000000000");
    const answers = await Promise.all([
      visit(begun.media),
      visit(begun.media, { cookie: `sworn-play=${"A".repeat(43)}` }),
      visit(begun.media, { cookie: foreign }),
      visit(unknown, { cookie: foreign }),
      visit(begun.playlist, { cookie: foreign }),
      visit(`/play/${begun.play}`, { cookie: foreign }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([403, 403, 403, 403, 403, 403]);
    for (const { body } of answers) expect(body.includes(recording.plaintext.subarray(0, 8))).toBe(false);
  });

  it("ends after half an hour without use, after twelve hours with it, and its code after five minutes", async () => {
    const { clock } = given.server;
    const late = await begin();
    clock.advanceMs(5 * 60_000);
    expect((await visit(late.url)).status).toBe(403);

    const begun = await begin();
    const cookie = await openPage(begun);
    for (let minutes = 0; minutes < 12 * 60 - 20; minutes += 20) {
      expect((await visit(begun.playlist, { cookie })).status).toBe(200);
      clock.advanceMs(20 * 60_000);
    }
    expect((await visit(begun.playlist, { cookie })).status).toBe(200);
    clock.advanceMs(20 * 60_000);
    expect((await visit(begun.playlist, { cookie })).status).toBe(403);

    const idle = await begin();
    const idleCookie = await openPage(idle);
    clock.advanceMs(30 * 60_000);
    expect((await visit(idle.playlist, { cookie: idleCookie })).status).toBe(403);
  });

  it("ends when the API key that began it is revoked", async () => {
    const begun = await begin();
    const cookie = await openPage(begun);
    await given.server.test.asAdministrator("update sworn.api_key set revoked_at = $1", [
      new Date(given.server.clock.nowMs()),
    ]);
    await elsewhere();
    expect((await visit(begun.media, { cookie })).status).toBe(403);
  });

  it("does not exist for another force", async () => {
    const other = await given.found("bedfordshire");
    const path = `/v1/recordings/${recording.id}`;
    const call = (method: string, end: string, body?: unknown) =>
      given.server.call(method, path + end, { key: other.key, ...(body === undefined ? {} : { body }) });
    expect((await call("POST", "/plays", {})).status).toBe(404);
    expect((await call("GET", "/media")).status).toBe(404);
    expect((await call("GET", "/poster")).status).toBe(404);
    const begun = await begin();
    const headers = { authorization: `Bearer ${other.key}` };
    expect((await visit(begun.media, headers)).status).toBe(403);
    expect(await views()).toHaveLength(1);
  });

  it("needs this machine and a key", async () => {
    expect(
      (await given.server.call("POST", `/v1/recordings/${recording.id}/plays`, { body: {} })).status,
    ).toBe(401);
    const begun = await begin();
    const cookie = await openPage(begun);
    const proxied = await visit(begun.media, { cookie, "x-forwarded-for": "198.51.100.7" });
    expect(proxied.status).toBe(403);
  });
});

describe("an API key", () => {
  it("reads the media in one view, which the answer names", async () => {
    const headers = { authorization: `Bearer ${key}` };
    const first = await visit(`/v1/recordings/${recording.id}/media`, headers);
    const play = first.headers.get("sworn-play") ?? "";
    const second = await visit(`/v1/recordings/${recording.id}/media`, { ...headers, range: "bytes=0-9" });
    expect(second.headers.get("sworn-play")).toBe(play);
    const named = await visit(`/v1/recordings/${recording.id}/media`, { ...headers, "sworn-play": play });
    expect(named.status).toBe(200);
    expect(await views()).toHaveLength(1);
    given.server.clock.advanceMs(31 * 60_000);
    const third = await visit(`/v1/recordings/${recording.id}/media`, headers);
    expect(third.headers.get("sworn-play")).not.toBe(play);
    expect(await views()).toHaveLength(2);
    expect(
      (await visit(`/v1/recordings/${recording.id}/media`, { ...headers, "sworn-play": play })).status,
    ).toBe(403);
  });

  it("of the viewer also reads playlist and media of a play", async () => {
    const begun = await begin();
    const headers = { authorization: `Bearer ${key}` };
    expect((await visit(begun.playlist, headers)).status).toBe(200);
    expect((await visit(begun.media, headers)).body.equals(recording.plaintext)).toBe(true);
    expect((await visit(begun.media, { authorization: "Bearer swk_wrong" })).status).toBe(401);
  });
});

describe("the playlist", () => {
  it("covers the whole file with byte ranges and gives the corrected start", async () => {
    const begun = await begin();
    const cookie = await openPage(begun);
    const text = (await visit(begun.playlist, { cookie })).body.toString();
    const map = /#EXT-X-MAP:URI="media",BYTERANGE="(\d+)@0"/.exec(text)?.[1];
    let end = Number(map);
    expect(end).toBe(900);
    for (const [, length, from] of text.matchAll(/#EXT-X-BYTERANGE:(\d+)@(\d+)/g)) {
      expect(Number(from)).toBe(end);
      end += Number(length);
    }
    expect(end).toBe(recording.plaintext.length);
    const startedAt = new Date(given.server.clock.nowMs()).toISOString();
    expect(text).toContain(`#EXT-X-PROGRAM-DATE-TIME:${startedAt}`);
    expect(text.match(/#EXTINF:1\.000,/g)).toHaveLength(3);
  });

  it("gives no time where no dock tells it, and is not there for a file", async () => {
    await given.server.test.asAdministrator("update sworn.recording set clock = 'unbounded'");
    const headers = { authorization: `Bearer ${key}` };
    expect((await visit((await begin()).playlist, headers)).body.toString()).not.toContain("DATE-TIME");
    const file = await given.put(forceId, randomParts(4_000_000, 10), {
      number: null,
      format: "file",
      verdict: "unattested",
    });
    const begun = await begin(file.id);
    expect(begun.playlist).toBeNull();
    expect((await visit(begun.media, headers)).body.equals(file.plaintext)).toBe(true);
  });
});

describe("destruction", () => {
  const order = () =>
    given.server.test.asAdministrator("update sworn.recording set state = 'destroy-ordered' where id = $1", [
      recording.id,
    ]);

  it("ends every way to the media from the order on, and points to the certificate", async () => {
    const begun = await begin();
    const cookie = await openPage(begun);
    expect((await visit(begun.media, { cookie })).status).toBe(200);
    await order();
    given.playback.forget(recording.id);
    const headers = { authorization: `Bearer ${key}` };
    const answers = [
      await visit(begun.media, { cookie }),
      await visit(begun.playlist, { cookie }),
      await visit(`/play/${begun.play}`, { cookie }),
      await visit(`/v1/recordings/${recording.id}/media`, headers),
      await visit(`/v1/recordings/${recording.id}/poster`, headers),
    ];
    expect(answers.map(({ status }) => status)).toEqual([410, 410, 410, 410, 410]);
    expect(answers[0]?.headers.get("link")).toContain(`/v1/recordings/${recording.id}/destruction`);
    const refused = await given.server.call("POST", `/v1/recordings/${recording.id}/plays`, {
      key,
      body: {},
    });
    expect(refused.status).toBe(410);
    expect(await views()).toHaveLength(1);
  });

  it("is seen within a second also where nobody said so", async () => {
    const begun = await begin();
    const cookie = await openPage(begun);
    expect((await visit(begun.media, { cookie })).status).toBe(200);
    await order();
    await elsewhere();
    expect((await visit(begun.media, { cookie })).status).toBe(410);
  });

  it("of the key alone is enough, beside a database that was restored", async () => {
    await given.ring.delete(`recording/${recording.id}`);
    expect((await visit((await begin()).media, { authorization: `Bearer ${key}` })).status).toBe(410);
    const findings = await given.server.test.asAdministrator("select kind from sworn.finding");
    expect(findings).toEqual([]);
  });

  it("cuts a stream that is under way", async () => {
    const long = await given.put(forceId, randomParts(900, 30_000_000), { number: 2 });
    const answer = await fetch(`${given.server.url}/v1/recordings/${long.id}/media`, {
      headers: { authorization: `Bearer ${key}` },
    });
    const reader = answer.body?.getReader();
    await reader?.read();
    given.playback.forget(long.id);
    const drain = async () => {
      for (let next = await reader?.read(); next?.done === false; next = await reader?.read());
    };
    await expect(drain()).rejects.toThrow();
  });
});

it("a recording that was not uploaded yet is told so", async () => {
  await given.server.test.asAdministrator("update sworn.recording set state = 'expected' where id = $1", [
    recording.id,
  ]);
  const answer = await given.server.call("POST", `/v1/recordings/${recording.id}/plays`, { key, body: {} });
  expect(answer.status).toBe(409);
  expect(await views()).toHaveLength(0);
});
