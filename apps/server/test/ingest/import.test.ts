// Films from elsewhere: encrypted on arrival under a key of their own, receipted as unattested; and footage of a camera
// that is no longer trusted.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseReceipt } from "@sworn/custody";
import { toBase64url } from "@sworn/contract";
import { box, bytesOf, ftyp, mvhd, trak, video } from "@sworn/media/testing";
import type { Founded } from "../docking/docking-server.ts";
import { TestCamera } from "../docking/test-camera.ts";
import { TestDock } from "../docking/test-dock.ts";
import { Docked, film } from "./fake-camera.ts";
import { startIngestServer, type IngestServer } from "./ingest-server.ts";

let server: IngestServer;
let met: Founded;

beforeAll(async () => {
  server = await startIngestServer({ limits: { storePartBytes: 5 * 1024 * 1024 } });
  met = await server.found("met");
});
afterAll(() => server.stop());

const mp4 = (mediaBytes: number): Buffer => {
  const moov = box(
    "moov",
    mvhd({ timescale: 600, durationTicks: 18_300 }),
    trak({ ...video, durationTicks: 384_000 }),
  );
  const mdat = new Uint8Array(mediaBytes).map((_, index) => (index * 7 + (index >> 9)) & 0xff);
  return Buffer.from(bytesOf(ftyp, moov, box("mdat", mdat)));
};

const send = (
  method: string,
  path: string,
  headers: Record<string, string>,
  body?: Uint8Array,
): Promise<Response> =>
  fetch(server.url + path, {
    method,
    headers: { authorization: `Bearer ${met.key}`, "tus-resumable": "1.0.0", ...headers },
    ...(body === undefined ? {} : { body: new Uint8Array(body) }),
  });

async function begin(file: Uint8Array, more: Record<string, string> = {}): Promise<string> {
  const pairs = { import: "file", filename: "PICT0001.MP4", startedAt: "2026-01-14T22:15:00Z", ...more };
  const metadata = Object.entries(pairs).map(
    ([key, value]) => `${key} ${Buffer.from(value).toString("base64")}`,
  );
  const created = await send("POST", "/v1/uploads", {
    "upload-length": file.length.toString(),
    "upload-metadata": metadata.join(","),
  });
  expect(created.status, await created.text()).toBe(201);
  return created.headers.get("location") ?? "";
}

const patch = (location: string, offset: number, body: Uint8Array): Promise<Response> =>
  send(
    "PATCH",
    location,
    { "upload-offset": offset.toString(), "content-type": "application/offset+octet-stream" },
    body,
  );

async function outcome(
  location: string,
): Promise<{ state: string; recording: string; problem: string | null }> {
  await server.ingest.queue.settled();
  const answer = await server.call("GET", location.replace("uploads", "imports"), { key: met.key });
  return answer.body as { state: string; recording: string; problem: string | null };
}

describe("an import", () => {
  it("goes on at whole parts, is stored encrypted, and gives back the same film", async () => {
    const file = mp4(11_000_000);
    const location = await begin(file, { incident: "CAD 4711", place: "Camden High Street" });
    const first = await patch(location, 0, file.subarray(0, 9_000_000));
    expect(first.status).toBe(204);
    const offset = Number(first.headers.get("upload-offset"));
    expect(offset).toBe(8 * 1024 * 1024);
    expect((await patch(location, offset, file.subarray(offset, offset + 100))).status).toBe(422);
    expect((await patch(location, offset, file.subarray(offset))).status).toBe(204);
    const { state, recording } = await outcome(location);
    expect(state).toBe("collected");

    const { body } = await server.call("GET", `/v1/recordings/${recording}`, { key: met.key });
    expect(body).toMatchObject({
      format: "file",
      verdict: "unattested",
      clock: "stated",
      recordedStart: "2026-01-14T22:15:00.000Z",
      recordedEnd: "2026-01-14T22:15:30.500Z",
      fileName: "PICT0001.MP4",
      incident: "CAD 4711",
      lengthBytes: file.length,
      hasReceipt: true,
    });
    const answer = await send("GET", `/v1/recordings/${recording}/receipt`, {});
    const { value } = parseReceipt(new Uint8Array(await answer.arrayBuffer()));
    expect(value).toMatchObject({ verdict: "unattested", camera: null, number: null, parts: 3 });

    const order = { recipient: "CPS London North", purpose: "Charging decision" };
    const begun = await server.call("POST", `/v1/recordings/${recording}/exports`, {
      key: met.key,
      body: order,
    });
    const id = begun.body["id"] as string;
    const master = await send("GET", `/v1/recordings/${recording}/exports/${id}/master`, {});
    expect(Buffer.from(await master.arrayBuffer()).equals(file)).toBe(true);
    for await (const { key } of server.store.list(`${met.forceId}/recordings/${recording}/media-`)) {
      const opened = await server.store.openObject(key);
      if (opened.kind !== "object") continue;
      const stored = await opened.object.read(0, opened.object.sizeBytes);
      expect(stored.includes(file.subarray(1_000, 1_100))).toBe(false);
    }
  });

  it("is refused with nothing stored when it is no film", async () => {
    const file = Buffer.alloc(300_000, 7);
    const location = await begin(file);
    expect((await patch(location, 0, file)).status).toBe(204);
    const { state, problem, recording } = await outcome(location);
    expect(state).toBe("refused");
    expect(problem).toMatch(/\w/);
    for await (const { key } of server.store.list(`${met.forceId}/recordings/${recording}/`))
      expect(key).toBeUndefined();
    expect(await server.keys.get(`recording/${recording}`)).toMatchObject({ kind: "destroyed" });
    expect((await send("HEAD", location, {})).status).toBe(410);
  });

  it("needs a person and what they say of it", async () => {
    const file = mp4(100);
    const answer = await send("POST", "/v1/uploads", { "upload-length": file.length.toString() });
    expect(answer.status).toBe(400);
    const anonymous = await fetch(`${server.url}/v1/uploads`, {
      method: "POST",
      headers: { authorization: "Bearer swk_wrong", "tus-resumable": "1.0.0", "upload-length": "5" },
    });
    expect(anonymous.status).toBe(401);
  });
});

describe("a camera that is not trusted any more", () => {
  it("opens no session, and a named person imports its footage as untrusted", async () => {
    const dock = await TestDock.enrol(server, met, "Camden front office");
    const camera = await TestCamera.enrol(server, met, "MET-0001");
    const filmed = await film(camera);
    const docked = await Docked.at(server, dock, camera);
    await server.call("POST", `/v1/cameras/${camera.id}/lost`, {
      key: met.key,
      body: { circumstances: "Left on a bus." },
    });
    expect((await docked.create(filmed)).status).toBe(403);
    const pairs = {
      import: "untrusted-camera",
      camera: camera.id,
      recording: filmed.id,
      number: filmed.number.toString(),
      envelope: toBase64url(filmed.envelope),
    };
    const metadata = Object.entries(pairs).map(
      ([key, value]) => `${key} ${Buffer.from(value).toString("base64")}`,
    );
    const created = await send("POST", "/v1/uploads", {
      "upload-length": filmed.media.length.toString(),
      "upload-metadata": metadata.join(","),
    });
    expect(created.status, await created.text()).toBe(201);
    const location = created.headers.get("location") ?? "";
    expect((await patch(location, 0, filmed.media)).status).toBe(204);
    expect((await outcome(location)).state).toBe("collected");
    const { body } = await server.call("GET", `/v1/recordings/${filmed.id}`, { key: met.key });
    expect(body).toMatchObject({ state: "collected", verdict: "untrusted", hasReceipt: true });
  });
});
