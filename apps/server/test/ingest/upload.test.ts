// Uploads over HTTP with a real database, store, key ring, ledger and intake thread.
import { Upload } from "tus-js-client";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  decodeEnvelope,
  equalBytes,
  parseId,
  parseManifest,
  parseReceipt,
  sha256,
  verifySign1,
} from "@sworn/custody";
import { toBase64url, type ForceId } from "@sworn/contract";
import { signRequest } from "@sworn/dock";
import { digestLeaf, parseVerifierKey, verifyTlogProof } from "@sworn/ledger";
import { ledgerOrigin } from "../../src/authority/index.ts";
import type { Founded } from "../docking/docking-server.ts";
import { TestCamera } from "../docking/test-camera.ts";
import { TestDock } from "../docking/test-dock.ts";
import { Docked, film, type Film } from "./fake-camera.ts";
import { startIngestServer, type IngestServer } from "./ingest-server.ts";

let server: IngestServer;
let met: Founded;
let dock: TestDock;
let camera: TestCamera;
let cameras = 0;

beforeAll(async () => {
  const verbose = process.env["VERBOSE"] === "1";
  server = await startIngestServer({ limits: { storePartBytes: 5 * 1024 * 1024 }, verbose });
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
const storedMedia = async (id: string): Promise<Buffer> => {
  const { value } = parseManifest(new Uint8Array((await recordingRow(id))["manifest"] as Buffer));
  const stored = await server.store.openObject(value.object);
  if (stored.kind !== "object") throw new Error("the object is missing");
  return stored.object.read(0, stored.object.sizeBytes);
};
const mediaObjects = async (id: string): Promise<string[]> => {
  const keys: string[] = [];
  for await (const { key } of server.store.list(`${met.forceId}/recordings/${id}/media-`)) keys.push(key);
  return keys;
};

describe("an upload", () => {
  it("keeps no copy of the envelope: it would open the recording after its destruction", async () => {
    const filmed = await film(camera);
    const docked = await Docked.at(server, dock, camera);
    expect((await docked.upload(filmed)).status).toBe(200);
    const sealed = Buffer.from(decodeEnvelope(filmed.envelope).ciphertext);
    const tables = await server.test.asAdministrator(
      "select table_name as name from information_schema.tables where table_schema = 'sworn'",
    );
    for (const { name } of tables) {
      const rows = await server.test.asAdministrator(`select t::text as row from sworn.${String(name)} t`);
      for (const { row } of rows)
        expect(String(row).includes(sealed.toString("hex")), String(name)).toBe(false);
    }
    for await (const { key, kind } of server.store.list(`${met.forceId}/`)) {
      const opened = kind === "complete" ? await server.store.openObject(key) : null;
      if (opened?.kind !== "object") continue;
      const bytes = await opened.object.read(0, opened.object.sizeBytes);
      expect(bytes.includes(sealed), key).toBe(false);
    }
  });

  it("is verified, stored and receipted, with manifest, ledger entry and proof", async () => {
    const filmed = await film(camera);
    const docked = await Docked.at(server, dock, camera);
    const answer = await docked.upload(filmed);
    expect(answer.status, JSON.stringify(answer.body)).toBe(200);
    const { value: receipt, sign1 } = parseReceipt(answer.bytes);
    const { service } = await server.authorities.of(parseId(met.forceId));
    expect(await verifySign1(sign1, service.certificate.publicKey)).toBe(true);
    expect(receipt).toMatchObject({
      verdict: "verified",
      number: 1,
      parts: 4,
      storedBytes: filmed.media.length,
    });
    expect(equalBytes(receipt.identity, filmed.identity)).toBe(true);
    const key = await parseVerifierKey(await server.ledger.verifierKey(met.forceId as ForceId));
    if (!key.ok) throw new Error(key.message);
    const policy = { origin: ledgerOrigin(parseId(met.forceId)), logKeys: [key.value] };
    expect(await verifyTlogProof(receipt.proof, await digestLeaf(receipt.entry), policy)).toMatchObject({
      ok: true,
    });

    const row = await recordingRow(filmed.id);
    expect(row).toMatchObject({ state: "collected", verdict: "verified", part_count: 4 });
    expect(await sha256(row["manifest"] as Buffer)).toEqual(new Uint8Array(receipt.manifest));
    expect(await storedMedia(filmed.id)).toEqual(filmed.media);
    expect(await server.keys.get(`recording/${filmed.id}`)).toMatchObject({
      kind: "key",
      key: Buffer.from(filmed.key),
    });
    expect((await docked.receipt(1)).bytes).toEqual(answer.bytes);
  });

  it("is cut off and resumed by tus-js-client with signed requests", async () => {
    const filmed = await film(camera, { fragments: 9, fragmentBytes: 1_500_000 });
    const docked = await Docked.at(server, dock, camera);
    let cuts = 0;
    let sentBytes = 0;
    await new Promise<void>((resolve, reject) => {
      const upload = new Upload(filmed.media, {
        endpoint: `${server.url}/v1/uploads`,
        retryDelays: [10, 50, 100, 200, 400, 800],
        metadata: {
          camera: camera.id,
          recording: filmed.id,
          number: filmed.number.toString(),
          envelope: toBase64url(filmed.envelope),
        },
        onBeforeRequest: async (request) => {
          const method = request.getMethod();
          const names = ["Upload-Length", "Upload-Metadata", "Upload-Offset", "Content-Type"];
          const headers: Record<string, string> = {};
          for (const name of names) {
            const value = request.getHeader(name);
            if (value !== undefined) headers[name.toLowerCase()] = value;
          }
          if (method === "PATCH") {
            headers["content-length"] = (filmed.media.length - Number(headers["upload-offset"])).toString();
          } else if (method === "POST") headers["content-length"] = "0";
          const nowMs = server.clock.nowMs();
          const url = request.getURL();
          const signed = await signRequest(
            dock.key,
            { method, url, headers },
            { nowMs, session: docked.session },
          );
          for (const name of ["signature", "signature-input", "sworn-session", "content-length"]) {
            if (signed[name] !== undefined) request.setHeader(name, signed[name]);
          }
        },
        onProgress: (bytes) => {
          sentBytes = bytes;
          if (bytes < (cuts + 1) * 4_000_000 || cuts >= 2) return;
          cuts += 1;
          void upload.abort().then(() => {
            setTimeout(() => {
              upload.start();
            }, 50);
          });
        },
        onError: reject,
        onSuccess: () => {
          resolve();
        },
      });
      upload.start();
    });
    expect(cuts).toBeGreaterThan(0);
    expect(sentBytes).toBe(filmed.media.length);
    expect((await docked.receipt(filmed.number)).status).toBe(200);
    expect(await storedMedia(filmed.id)).toEqual(filmed.media);
  });

  it("goes on at any byte, in pieces of any size, and says each time where it stands", async () => {
    const filmed = await film(camera, { fragments: 4, fragmentBytes: 3_000_000 });
    const docked = await Docked.at(server, dock, camera);
    const location = (await docked.create(filmed)).headers.get("location") ?? "";
    let offset = 0;
    for (const sizeBytes of [1, 74, 900, 250_000, 3_000_001, 2_500_000, 6_000_000, 10_000_000]) {
      const answer = await docked.patch(location, offset, filmed.media.subarray(offset, offset + sizeBytes));
      expect(answer.status, JSON.stringify(answer.body)).toBe(204);
      offset = Math.min(filmed.media.length, offset + sizeBytes);
      expect(Number(answer.headers.get("upload-offset"))).toBe(offset);
      expect(await docked.head(location)).toBe(offset);
    }
    expect((await docked.receipt(filmed.number)).status).toBe(200);
    expect(await storedMedia(filmed.id)).toEqual(filmed.media);
  });

  it("goes on in another dock", async () => {
    const filmed = await film(camera, { fragments: 4, fragmentBytes: 2_000_000 });
    const first = await Docked.at(server, dock, camera);
    const location = (await first.create(filmed)).headers.get("location") ?? "";
    await first.patch(location, 0, filmed.media.subarray(0, 5_000_000));
    await camera.add({ kind: "undocked", body: { dock: parseId(dock.id) } });
    const other = await TestDock.enrol(server, met, `Brent ${cameras.toString()}`);
    const second = await Docked.at(server, other, camera);
    const again = await second.create(filmed);
    expect(again.headers.get("location")).toBe(location);
    expect(await second.head(location)).toBe(5_000_000);
    expect((await second.patch(location, 5_000_000, filmed.media.subarray(5_000_000))).status).toBe(204);
    expect((await second.receipt(filmed.number)).status).toBe(200);
    expect(await storedMedia(filmed.id)).toEqual(filmed.media);
  });

  it("is a cheap no-op the second time, also after destruction", async () => {
    const filmed = await film(camera);
    const docked = await Docked.at(server, dock, camera);
    const { bytes: receipt } = await docked.upload(filmed);
    const again = await docked.create(filmed);
    expect(again.status).toBe(201);
    expect(await docked.head(again.headers.get("location") ?? "")).toBe(filmed.media.length);
    expect(await mediaObjects(filmed.id)).toHaveLength(1);
    expect(
      await server.test.asAdministrator("select id from sworn.upload where recording_id = $1", [filmed.id]),
    ).toHaveLength(1);

    await server.keys.delete(`recording/${filmed.id}`);
    await server.test.asAdministrator(
      "update sworn.recording set state = 'destroyed', destroyed_at = now(), destruction_certificate = $2 where id = $1",
      [filmed.id, Buffer.from("certificate")],
    );
    const after = await docked.create(filmed);
    expect(after.status).toBe(201);
    expect(await docked.head(after.headers.get("location") ?? "")).toBe(filmed.media.length);
    expect((await docked.receipt(filmed.number)).bytes).toEqual(receipt);
    const certificate = await docked.bare("GET", `/v1/cameras/${camera.id}/recordings/1/destruction`);
    expect(await certificate.text()).toBe("certificate");
    expect(await server.keys.has(`recording/${filmed.id}`)).toBe(false);
  });
});

describe("an upload that does not match its journal", () => {
  const flipped = (media: Buffer, at: number): Buffer => {
    const copy = Buffer.from(media);
    copy[at] = (copy[at] ?? 0) ^ 1;
    return copy;
  };
  const waiting = async (id: string) => {
    const { body } = await server.call("GET", "/v1/quarantine", { key: met.key });
    const all = body["quarantine"] as {
      id: string;
      recordingId: string;
      verdicts: { verdict: string; index: number }[];
    }[];
    return all.filter(({ recordingId }) => recordingId === id);
  };
  const alteredOf = (verdicts: readonly { verdict: string; index: number }[]): number[] =>
    verdicts.filter(({ verdict }) => verdict === "altered").map(({ index }) => index);

  it("is kept whole with a verdict for each part, once, until a named person accepts it as altered", async () => {
    const filmed = await film(camera);
    const docked = await Docked.at(server, dock, camera);
    const offset = (filmed.parts[0]?.length ?? 0) + (filmed.parts[1]?.length ?? 0) + 500;
    const bad = flipped(filmed.media, offset);
    const refused = await docked.upload(filmed, bad);
    expect(refused.status).toBe(409);
    expect(refused.body["code"]).toBe("quarantined");
    await docked.upload(filmed, bad);
    const kept = await waiting(filmed.id);
    expect(kept).toHaveLength(1);
    expect(alteredOf(kept[0]?.verdicts ?? [])).toEqual([2]);
    expect(kept[0]?.verdicts[2]).toMatchObject({ fromMs: 2_000, toMs: 4_000 });
    expect(await mediaObjects(filmed.id)).toHaveLength(1);
    const findings = await server.test.asAdministrator(
      "select detail from sworn.finding where kind = 'altered' and recording_id = $1",
      [filmed.id],
    );
    expect(findings).toHaveLength(1);

    const path = `/v1/quarantine/${kept[0]?.id ?? ""}/decision`;
    const body = { decision: "altered", reason: "The card was damaged; the rest is what matters." };
    expect((await server.call("POST", path, { key: met.key, body })).status).toBe(200);
    expect((await server.call("POST", path, { key: met.key, body })).status).toBe(409);
    const accepted = await docked.receipt(filmed.number);
    expect(accepted.status).toBe(200);
    expect(parseReceipt(accepted.bytes).value.verdict).toBe("altered");
    expect(await storedMedia(filmed.id)).toEqual(bad);
  });

  it("does not stand in the way of the true bytes, and can be rejected", async () => {
    const filmed = await film(camera);
    const docked = await Docked.at(server, dock, camera);
    await docked.upload(filmed, flipped(filmed.media, 10));
    const answer = await docked.upload(filmed);
    expect(answer.status).toBe(200);
    expect(parseReceipt(answer.bytes).value.verdict).toBe("verified");
    const [kept] = await waiting(filmed.id);
    expect(alteredOf(kept?.verdicts ?? [])).toEqual([0]);
    const path = `/v1/quarantine/${kept?.id ?? ""}/decision`;
    const accept = await server.call("POST", path, {
      key: met.key,
      body: { decision: "altered", reason: "?" },
    });
    expect(accept.status).toBe(409);
    const reject = await server.call("POST", path, {
      key: met.key,
      body: { decision: "rejected", reason: "?" },
    });
    expect(reject.status).toBe(200);
    expect(await mediaObjects(filmed.id)).toHaveLength(1);
    expect(await storedMedia(filmed.id)).toEqual(filmed.media);
  });

  const wrongly: [name: string, make: (own: Film, other: Film) => Buffer, altered: number[]][] = [
    [
      "reordered",
      ({ parts: [a, b, c, d] }) => Buffer.concat([a, b, d, c].filter((part) => part !== undefined)),
      [2, 3],
    ],
    ["replayed from another recording", (_own, other) => other.media, [0, 1, 2, 3]],
    [
      "with a part twice",
      ({ parts: [a, b, , d] }) => Buffer.concat([a, b, b, d].filter((part) => part !== undefined)),
      [2],
    ],
    ["cut short and filled up", ({ media }) => Buffer.concat([media.subarray(0, -9), Buffer.alloc(9)]), [3]],
  ];
  it.each(wrongly)("is kept apart when it is %s", async (_name, make, altered) => {
    const own = await film(camera);
    const other = await film(camera);
    const docked = await Docked.at(server, dock, camera);
    expect((await docked.upload(own, make(own, other))).status).toBe(409);
    const [kept] = await waiting(own.id);
    expect(alteredOf(kept?.verdicts ?? [])).toEqual(altered);
  });

  it("is refused before its first byte when the journal promises something else", async () => {
    const filmed = await film(camera);
    const unsealed = await film(camera, { seal: false });
    const docked = await Docked.at(server, dock, camera);
    expect((await docked.create(filmed, { length: filmed.media.length - 1 })).status).toBe(422);
    expect((await docked.create(unsealed)).status).toBe(409);
    expect(
      (await docked.create(filmed, { metadata: { envelope: toBase64url(unsealed.envelope) } })).status,
    ).toBe(422);
    expect((await docked.create(filmed, { metadata: { number: "9" } })).status).toBe(422);
    expect((await docked.create(filmed, { metadata: { recording: met.forceId } })).status).toBe(422);
    const stranger = await TestCamera.enrol(server, met, `MET-S${cameras.toString()}`);
    const theirs = await film(stranger);
    await Docked.at(server, dock, stranger);
    expect((await docked.create(theirs, { metadata: { camera: stranger.id } })).status).toBe(422);
    const foreign = await server.test.asAdministrator(
      "select * from sworn.finding where kind = 'foreign-upload' and camera_id = $1",
      [camera.id],
    );
    expect(foreign.length).toBeGreaterThan(0);
    expect((await docked.receipt(filmed.number)).status).toBe(404);
  });
});

describe("tus", () => {
  it("tells version, extension and largest size without being asked who asks", async () => {
    const answer = await fetch(`${server.url}/v1/uploads`, { method: "OPTIONS" });
    expect(answer.status).toBe(204);
    const names = ["tus-version", "tus-extension", "tus-resumable"];
    expect(names.map((name) => answer.headers.get(name))).toEqual(["1.0.0", "creation", "1.0.0"]);
    expect(Number(answer.headers.get("tus-max-size"))).toBeGreaterThan(10 ** 10);
  });

  it("refuses other versions, types, offsets, lengths and strangers, and changes nothing", async () => {
    const filmed = await film(camera);
    const docked = await Docked.at(server, dock, camera);
    const location = (await docked.create(filmed)).headers.get("location") ?? "";
    const old = await docked.bare("HEAD", location, { "tus-resumable": "0.2.2" });
    expect([old.status, old.headers.get("tus-version")]).toEqual([412, "1.0.0"]);
    const patch = (headers: Record<string, string>, contentType?: string) =>
      docked.dock.send("PATCH", location, {
        session: docked.session,
        body: filmed.media.subarray(0, 100),
        contentType: contentType ?? "application/offset+octet-stream",
        headers: { "tus-resumable": "1.0.0", "upload-offset": "0", ...headers },
      });
    expect((await patch({}, "application/octet-stream")).status).toBe(415);
    expect((await patch({}, "application/json")).status).toBeGreaterThanOrEqual(400);
    const differs = await patch({ "upload-offset": "5" });
    expect([differs.status, differs.headers.get("upload-offset")]).toEqual([409, "0"]);
    for (const offset of ["-1", "1.5", "01", "9007199254740993", "zero", "0x0"]) {
      expect((await patch({ "upload-offset": offset })).status, offset).toBe(400);
    }
    const long = await docked.patch(location, 0, Buffer.concat([filmed.media, Buffer.alloc(1)]));
    expect(long.status).toBe(413);
    expect(await docked.head(location)).toBe(0);
    const stranger = await TestCamera.enrol(server, met, `MET-T${cameras.toString()}`);
    const elsewhere = await Docked.at(server, dock, stranger);
    const theirs = await elsewhere.bare("HEAD", location, { "tus-resumable": "1.0.0" });
    expect(theirs.status).toBe(404);
    expect((await fetch(server.url + location, { method: "HEAD" })).status).toBe(412);
    const unsigned = await fetch(server.url + location, {
      method: "HEAD",
      headers: { "tus-resumable": "1.0.0" },
    });
    expect(unsigned.status).toBe(401);
  });

  it("lets one connection at a time send, in this process or another", async () => {
    const filmed = await film(camera);
    const docked = await Docked.at(server, dock, camera);
    const location = (await docked.create(filmed)).headers.get("location") ?? "";
    const id = location.split("/").at(-1);
    await server.test.asAdministrator(
      "update sworn.upload set lock_token = gen_random_uuid(), locked_until = $2 where id = $1",
      [id, new Date(server.clock.nowMs() + 60_000)],
    );
    const locked = await docked.patch(location, 0, filmed.media);
    expect([locked.status, locked.body["code"]]).toEqual([423, "locked"]);
    server.clock.advanceMs(60_001);
    expect((await docked.patch(location, 0, filmed.media)).status).toBe(204);
  });
});
