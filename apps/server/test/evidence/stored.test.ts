// What is stored can be exported and verified by a stranger.
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fromBase64url, type ExportFiles } from "@sworn/contract";
import { parseId } from "@sworn/custody";
import { verifyExport } from "@sworn/verifier";
import type { Founded } from "../docking/docking-server.ts";
import { TestCamera } from "../docking/test-camera.ts";
import { TestDock } from "../docking/test-dock.ts";
import { Docked, film, type Film } from "../ingest/fake-camera.ts";
import { startIngestServer, type IngestServer } from "../ingest/ingest-server.ts";

let server: IngestServer;
let met: Founded;
let filmed: Film;
let camera: TestCamera;

beforeAll(async () => {
  server = await startIngestServer();
  met = await server.found("met");
  const dock = await TestDock.enrol(server, met, "Camden front office");
  camera = await TestCamera.enrol(server, met, "MET-0001");
  filmed = await film(camera);
  const docked = await Docked.at(server, dock, camera);
  const answer = await docked.upload(filmed);
  expect(answer.status).toBe(200);
});
afterAll(() => server.stop());

describe("an export", () => {
  const order = { recipient: "CPS London North", purpose: "Charging decision" };
  const path = (): string => `/v1/recordings/${filmed.id}/exports`;

  it("is entered with recipient and purpose, and a stranger finds it intact", async () => {
    const begun = await server.call("POST", path(), { key: met.key, body: order });
    expect(begun.status, JSON.stringify(begun.body)).toBe(201);
    const id = begun.body["id"] as string;
    const files = (await server.call("GET", `${path()}/${id}/files`, { key: met.key }))
      .body as unknown as ExportFiles;
    const folder = await mkdtemp(join(tmpdir(), "sworn-export-"));
    for (const { path: name, content } of files.files) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), fromBase64url(content) ?? new Uint8Array());
    }
    const headers = { authorization: `Bearer ${met.key}` };
    const master = await fetch(`${server.url}${path()}/${id}/master`, { headers });
    expect(Number(master.headers.get("content-length"))).toBe(Buffer.concat(filmed.plain).length);
    const bytes = Buffer.from(await master.arrayBuffer());
    expect(bytes.equals(Buffer.concat(filmed.plain))).toBe(true);
    await writeFile(join(folder, "recording.mp4"), bytes);
    const { anchor } = await server.authorities.of(parseId(met.forceId));
    const report = await verifyExport(folder, { anchors: [anchor.der], nowMs: server.clock.nowMs() });
    expect(report.overall, JSON.stringify(report.checks)).toBe("intact");
    await rm(folder, { recursive: true });

    const history = await server.call("GET", `/v1/recordings/${filmed.id}/history`, { key: met.key });
    const entries = history.body["entries"] as {
      event: string;
      person: string;
      data: Record<string, unknown>;
    }[];
    expect(entries.map(({ event }) => event)).toEqual(["recording-collected", "recording-exported"]);
    expect(entries[1]).toMatchObject({ person: met.personId, data: order });
  });

  it("is the person's own, and refused without purpose", async () => {
    expect((await server.call("POST", path(), { key: met.key, body: { recipient: "x" } })).status).toBe(400);
    const other = await server.found("beds");
    expect((await server.call("POST", path(), { key: other.key, body: order })).status).toBe(404);
    expect((await server.call("GET", `/v1/recordings/${filmed.id}`, { key: other.key })).status).toBe(404);
    const begun = await server.call("POST", path(), { key: met.key, body: order });
    const id = begun.body["id"] as string;
    expect((await server.call("GET", `${path()}/${id}/files`, { key: other.key })).status).toBe(404);
    server.clock.advanceMs(25 * 3_600_000);
    expect((await server.call("GET", `${path()}/${id}/files`, { key: met.key })).status).toBe(410);
  });
});

describe("a recording", () => {
  it("is listed by what it is, a page at a time", async () => {
    const list = async (query: string): Promise<number> => {
      const { body } = await server.call("GET", `/v1/recordings?${query}`, { key: met.key });
      return (body["recordings"] as unknown[]).length;
    };
    expect(await list(`camera=${camera.id}&state=collected`)).toBe(1);
    expect(await list("state=destroyed")).toBe(0);
    expect(await list("class=unclassified")).toBe(1);
    expect(await list("from=2030-01-01T00:00:00Z")).toBe(0);
    const { body } = await server.call("GET", "/v1/recordings?limit=1", { key: met.key });
    expect(await list(`limit=1&after=${String(body["next"])}`)).toBe(0);
    expect((await server.call("GET", "/v1/recordings?after=x", { key: met.key })).status).toBe(400);
  });

  it("is classified by a person, and the entry says what stood before", async () => {
    const path = `/v1/recordings/${filmed.id}/classification`;
    const put = (body: object) => server.call("PUT", path, { key: met.key, body });
    expect((await put({ class: "domestic-abuse", incident: "CAD 4711" })).status).toBe(200);
    expect((await put({ class: "stop-and-search" })).body).toMatchObject({
      class: "stop-and-search",
      incident: "CAD 4711",
    });
    expect((await put({ class: "no-such-class" })).status).toBe(422);
    const history = await server.call("GET", `/v1/recordings/${filmed.id}/history`, { key: met.key });
    const entries = history.body["entries"] as { event: string; data: Record<string, unknown> }[];
    expect(entries.at(-1)).toMatchObject({
      event: "recording-classified",
      data: { class: "stop-and-search", classBefore: "domestic-abuse" },
    });
  });
});
