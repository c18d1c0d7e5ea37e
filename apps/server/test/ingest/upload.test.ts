// Uploads over HTTP with a real database, store, key ring, ledger and intake thread.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { equalBytes, parseId, parseManifest, parseReceipt, sha256, verifySign1 } from "@sworn/custody";
import { digestLeaf, parseVerifierKey, verifyTlogProof } from "@sworn/ledger";
import type { ForceId } from "@sworn/contract";
import { ledgerOrigin } from "../../src/authority/index.ts";
import type { Founded } from "../docking/docking-server.ts";
import { TestCamera } from "../docking/test-camera.ts";
import { TestDock } from "../docking/test-dock.ts";
import { Docked, film } from "./fake-camera.ts";
import { startIngestServer, type IngestServer } from "./ingest-server.ts";

let server: IngestServer;
let met: Founded;
let dock: TestDock;
let camera: TestCamera;
let cameras = 0;

beforeAll(async () => {
  server = await startIngestServer({ limits: { storePartBytes: 5 * 1024 * 1024 }, verbose: process.env["VERBOSE"] === "1" });
  met = await server.found("met");
  dock = await TestDock.enrol(server, met, "Camden front office");
});
afterAll(() => server.stop());
beforeEach(async () => {
  cameras += 1;
  camera = await TestCamera.enrol(server, met, `MET-${cameras.toString()}`);
});

const recordingRow = async (id: string) =>
  (await server.test.asAdministrator("select * from sworn.recording where id = $1", [id]))[0] ?? {};

describe("an upload", () => {
  it("is verified, stored and receipted, with manifest, ledger entry and proof", async () => {
    const filmed = await film(camera);
    const docked = await Docked.at(server, dock, camera);
    const answer = await docked.upload(filmed);
    expect(answer.status, JSON.stringify(answer.body)).toBe(200);
    const { value: receipt, sign1 } = parseReceipt(answer.bytes);
    const { service } = await server.authorities.of(parseId(met.forceId));
    expect(await verifySign1(sign1, service.certificate.publicKey)).toBe(true);
    expect(receipt).toMatchObject({ verdict: "verified", number: 1, parts: 4, storedBytes: filmed.media.length });
    expect(equalBytes(receipt.identity, filmed.identity)).toBe(true);
    const key = await parseVerifierKey(await server.ledger.verifierKey(met.forceId as ForceId));
    if (!key.ok) throw new Error(key.message);
    const policy = { origin: ledgerOrigin(parseId(met.forceId)), logKeys: [key.value] };
    expect(await verifyTlogProof(receipt.proof, await digestLeaf(receipt.entry), policy)).toMatchObject({ ok: true });

    const row = await recordingRow(filmed.id);
    expect(row).toMatchObject({ state: "collected", verdict: "verified", part_count: 4 });
    expect(await sha256(row["manifest"] as Buffer)).toEqual(new Uint8Array(receipt.manifest));
    const { value: manifest } = parseManifest(new Uint8Array(row["manifest"] as Buffer));
    const stored = await server.store.openObject(manifest.object);
    if (stored.kind !== "object") throw new Error("the object is missing");
    expect(await stored.object.read(0, stored.object.sizeBytes)).toEqual(filmed.media);
    expect(await server.keys.get(`recording/${filmed.id}`)).toMatchObject({ kind: "key", key: Buffer.from(filmed.key) });
    expect((await docked.receipt(1)).bytes).toEqual(answer.bytes);
  });
});
