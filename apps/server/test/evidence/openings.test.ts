// What is personal in a recording's own entries goes with its export, checked by a stranger, and dies with its key.
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fromBase64url, type CameraId, type ExportFiles, type ForceId } from "@sworn/contract";
import { decodeSequencedOpening, encodeOpenings, newId, parseId } from "@sworn/custody";
import { verifyExport, type Report } from "@sworn/verifier";
import { openOpenings, openRecordingOpenings } from "../../src/docking/index.ts";
import { recordingKeyId } from "../../src/evidence/index.ts";
import type { Founded } from "../docking/docking-server.ts";
import { TestCamera } from "../docking/test-camera.ts";
import { TestDock } from "../docking/test-dock.ts";
import { Docked, film, type Film } from "../ingest/fake-camera.ts";
import { startIngestServer, type IngestServer } from "../ingest/ingest-server.ts";

let server: IngestServer;
let met: Founded;
let camera: TestCamera;
let filmed: Film;
const order = { recipient: "CPS London North", purpose: "Charging decision" };

beforeAll(async () => {
  server = await startIngestServer();
  met = await server.found("met");
  const dock = await TestDock.enrol(server, met, "Camden front office");
  camera = await TestCamera.enrol(server, met, "MET-0001");
  const details = { officer: "A. Administrator", collarNumber: "123AB" };
  await camera.add({ kind: "assigned", body: { assignment: newId() } }, { details });
  filmed = await film(camera, { positions: true });
  const docked = await Docked.at(server, dock, camera);
  expect((await docked.upload(filmed)).status).toBe(200);
});
afterAll(() => server.stop());

async function exported(more: object = {}): Promise<Map<string, Uint8Array>> {
  const path = `/v1/recordings/${filmed.id}/exports`;
  const begun = await server.call("POST", path, { key: met.key, body: { ...order, ...more } });
  expect(begun.status, JSON.stringify(begun.body)).toBe(201);
  const answer = await server.call("GET", `${path}/${String(begun.body["id"])}/files`, { key: met.key });
  const { files } = answer.body as unknown as ExportFiles;
  const content = files.map(
    ({ path: name, content }) => [name, fromBase64url(content) ?? new Uint8Array()] as const,
  );
  return new Map([...content, ["recording.mp4", Buffer.concat(filmed.plain)]]);
}

async function verify(files: ReadonlyMap<string, Uint8Array>): Promise<Report> {
  const folder = await mkdtemp(join(tmpdir(), "sworn-export-"));
  for (const [name, content] of files) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  const { anchor } = await server.authorities.of(parseId(met.forceId));
  const report = await verifyExport(folder, { anchors: [anchor.der], nowMs: server.clock.nowMs() });
  await rm(folder, { recursive: true });
  return report;
}

const openingsCheck = (report: Report) => report.checks.find(({ id }) => id === "openings");
const place = () => ({ forceId: met.forceId as ForceId, camera: camera.id as CameraId });
const range = { from: 0, to: 100 };

describe("the openings of an export", () => {
  it("go with it, and a stranger finds that they are what the camera committed to", async () => {
    const files = await exported();
    expect(new TextDecoder().decode(files.get("README.txt"))).toContain("openings.cbor");
    const report = await verify(files);
    expect(report.overall, JSON.stringify(report.checks)).toBe("intact");
    expect(openingsCheck(report)).toMatchObject({ verdict: "pass" });
    // Who wore the camera is no part of the recording.
    const text = Buffer.from(files.get("openings.cbor") ?? []);
    expect(text.includes("positions")).toBe(true);
    expect(text.includes("Administrator")).toBe(false);
    expect(Buffer.from(files.get("journal.cbor") ?? []).includes("positions")).toBe(false);
  });

  it("are named when one was changed", async () => {
    const files = await exported();
    const opened = await openRecordingOpenings(server.ports, place(), {
      ...{ id: filmed.recording, key: filmed.key },
      ...range,
    });
    expect(opened).toHaveLength(3);
    const [first, ...others] = opened;
    if (!first) throw new Error("no openings");
    const moved = { ...first.opening, details: { positions: [[0, 515_999_999, -1_000_000, 500]] } };
    files.set("openings.cbor", encodeOpenings([{ ...first, opening: moved }, ...others]));
    const report = await verify(files);
    expect(report.overall).toBe("altered");
    expect(openingsCheck(report)).toMatchObject({ verdict: "fail" });
    expect(JSON.stringify(openingsCheck(report))).toContain(`entry ${first.sequence.toString()}`);
  });

  it("stay behind where whoever exports says so, and the ledger says which", async () => {
    const files = await exported({ details: "none" });
    expect(files.has("openings.cbor")).toBe(false);
    expect(new TextDecoder().decode(files.get("README.txt"))).not.toContain("openings.cbor");
    expect((await verify(files)).overall).toBe("intact");
    const history = await server.call("GET", `/v1/recordings/${filmed.id}/history`, { key: met.key });
    const entries = history.body["entries"] as { event: string; data: Record<string, unknown> }[];
    const told = entries
      .filter(({ event }) => event === "recording-exported")
      .map(({ data }) => data["details"]);
    expect(told).toEqual(["recording", "recording", "none"]);
    const path = `/v1/recordings/${filmed.id}/exports`;
    const wrong = { ...order, details: "everything" };
    expect((await server.call("POST", path, { key: met.key, body: wrong })).status).toBe(400);
  });

  it("die with the recording's key; who wore the camera is known beyond it", async () => {
    const { keys } = server;
    const kinds = async (): Promise<string[]> => {
      const opened = await openOpenings(server.ports, place(), range, {
        async recordingKey() {
          const found = await keys.get(recordingKeyId(filmed.id as never));
          return found.kind === "key" ? found.key : null;
        },
        async journalKey(id) {
          const found = await keys.get(id);
          return found.kind === "key" ? found.key : null;
        },
        openEnvelope: async (...sealed) =>
          (await server.authorities.of(parseId(met.forceId))).ingestKeys.open(...sealed),
      });
      return opened.map(({ opened: one }) => one.kind);
    };
    expect(await kinds()).toEqual(["opened", "opened", "opened", "opened"]);
    const files = await exported();
    await keys.delete(recordingKeyId(filmed.id as never));
    expect(await kinds()).toEqual(["opened", "no-key", "no-key", "no-key"]);
    // What was handed over before can still be checked: commitments are only hashes.
    expect(openingsCheck(await verify(files))).toMatchObject({ verdict: "pass" });
    expect((await exported()).has("openings.cbor")).toBe(false);
    expect(() => decodeSequencedOpening(new Uint8Array([0x80]))).toThrow(/pair/);
  });
});
