import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ForceId, RecordingId } from "@sworn/contract";
import { formatId, newId, parseId } from "@sworn/custody";
import {
  digestLeaf,
  nodesFromTiles,
  parseVerifierKey,
  proveConsistency,
  verifyConsistency,
  verifyLog,
  verifyTlogProof,
} from "@sworn/ledger";
import { ledgerOrigin, openAuthorities } from "../../src/authority/index.ts";
import {
  type Ledger,
  type OpeningKeyRing,
  ledgerRoutes,
  listRecordingEntries,
  openLedger,
} from "../../src/ledger/index.ts";
import { sha256 } from "../../src/ledger/publish-entries.ts";
import { withForce } from "../../src/platform/database/database.ts";
import { silentLog } from "../../src/platform/log.ts";
import { startTestServer, type TestServer } from "../platform/test-server.ts";

describe("the ledger", () => {
  let server: TestServer;
  let folder: string;
  let forceId: ForceId;
  let ledger: Ledger;
  const ring = new Map<string, Buffer>();
  const keys: OpeningKeyRing = {
    get: (id) => {
      const key = ring.get(id);
      return Promise.resolve(key ? { kind: "key", key } : { kind: "unknown" });
    },
    put: (id, key) => {
      ring.set(id, Buffer.from(key));
      return Promise.resolve({ kind: "stored" });
    },
  };

  const open = async (): Promise<Ledger> =>
    openLedger({
      database: server.test.database,
      clock: server.clock,
      log: silentLog,
      authorities: await openAuthorities(join(folder, "authority")),
      keys,
      folder: join(folder, "ledger"),
    });
  const stage = (recording: Uint8Array, event = "recording-viewed") =>
    withForce(server.test.database, { forceId, personId: null }, (tx) =>
      ledger.stage(tx, { event, actor: { system: "test" }, recording, data: { note: "somebody's name" } }),
    );

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "sworn-ledger-"));
    let serving: Ledger | undefined;
    server = await startTestServer({
      routes: [
        (app, access) => {
          const late = new Proxy({} as Ledger, {
            get: (_, name) => Reflect.get(serving ?? {}, name) as unknown,
          });
          ledgerRoutes(late)(app, access);
        },
      ],
    });
    forceId = (await server.found("met")).forceId as ForceId;
    const authorities = await openAuthorities(join(folder, "authority"));
    await authorities.create({ id: parseId(forceId), name: "Metropolitan Police" }, server.clock.nowMs());
    ledger = serving = await open();
  });
  afterEach(async () => {
    await ledger.stop();
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it("covers an entry with a checkpoint that anyone can check over HTTP", async () => {
    const covered = await ledger.covered(forceId, await stage(newId()));
    const key = await parseVerifierKey(await ledger.verifierKey(forceId));
    if (!key.ok) throw new Error(key.message);
    const policy = { origin: ledgerOrigin(parseId(forceId)), logKeys: [key.value] };
    expect(await verifyTlogProof(covered.proof, await digestLeaf(covered.leaf), policy)).toMatchObject({
      ok: true,
      index: 0,
    });

    const checkpoint = await server.call("GET", `/ledger/${forceId}/checkpoint`);
    expect(covered.proof).toContain(String(checkpoint.body["text"]));
    const tile = await fetch(`${server.url}/ledger/${forceId}/tile/entries/000.p/1`);
    expect(tile.headers.get("cache-control")).toContain("immutable");
    const bundle = Buffer.from(await tile.arrayBuffer());
    expect(bundle.subarray(2)).toEqual(Buffer.from(covered.leaf));
  });

  it("publishes nothing personal", async () => {
    const recording = newId();
    const { leaf, opening } = await ledger.covered(forceId, await stage(recording));
    expect(Buffer.from(leaf).includes(Buffer.from(recording))).toBe(false);
    expect(opening.details["data"]).toEqual({ note: "somebody's name" });
    const files = ["tile/entries/000.p/1", "private/000.p/1", "checkpoint"];
    for (const file of files) {
      const bytes = await readFile(join(folder, "ledger", forceId, file));
      expect(bytes.includes("somebody"), file).toBe(false);
      expect(bytes.includes(Buffer.from(recording)), file).toBe(false);
    }
  });

  it("keeps one order under concurrent acts, each once, over tile boundaries", async () => {
    const recording = newId();
    const staged = await Promise.all(Array.from({ length: 300 }, () => stage(recording)));
    const covered = await Promise.all(staged.map((entry) => ledger.covered(forceId, entry)));
    expect(new Set(covered.map(({ index }) => index))).toEqual(
      new Set(Array.from({ length: 300 }, (_, index) => index)),
    );
    const head = await ledger.head(forceId);
    const readTile = (path: string) => ledger.readPublic(forceId, path);
    expect(await verifyLog({ sha256, ...head, readTile, entries: true })).toEqual({ ok: true });
    const rows = await withForce(server.test.database, { forceId, personId: null }, (tx) =>
      listRecordingEntries(tx, formatId(recording) as RecordingId, 1000),
    );
    expect(rows).toHaveLength(300);
  });

  it("takes the many entries of one act in their order, each under its own leaf", async () => {
    const recordings = Array.from({ length: 600 }, () => newId());
    const staged = await withForce(server.test.database, { forceId, personId: null }, (tx) =>
      ledger.stageMany(
        tx,
        recordings.map((recording) => ({
          ...{ event: "recording-viewed", actor: { system: "test" }, recording },
          data: {},
        })),
      ),
    );
    expect(staged).toHaveLength(recordings.length);
    let last = -1;
    for (const [place, entry] of [...staged.entries()].filter(([at]) => at % 97 === 0 || at > 597)) {
      const { index, opening } = await ledger.covered(forceId, entry);
      expect(formatId(opening.details["recording"] as Uint8Array)).toBe(
        formatId(recordings[place] as Uint8Array),
      );
      expect(index).toBeGreaterThan(last);
      last = index;
    }
    const head = await ledger.head(forceId);
    const readTile = (path: string) => ledger.readPublic(forceId, path);
    expect(await verifyLog({ sha256, ...head, readTile, entries: true })).toEqual({ ok: true });
  });

  it("does not stage what its act rolled back", async () => {
    const failing = withForce(server.test.database, { forceId, personId: null }, async (tx) => {
      await ledger.stage(tx, { event: "recording-viewed", actor: { system: "test" }, data: {} });
      throw new Error("the act failed");
    });
    await expect(failing).rejects.toThrow("the act failed");
    await ledger.covered(forceId, await stage(newId()));
    expect((await ledger.head(forceId)).size).toBe(1);
  });

  it.each(["before the checkpoint", "after the checkpoint, before it was told"] as const)(
    "completes the same entries after a crash %s",
    async (when) => {
      const first = await ledger.covered(forceId, await stage(newId()));
      const before = await ledger.head(forceId);
      const checkpoint = join(folder, "ledger", forceId, "checkpoint");
      const old = await readFile(checkpoint);
      const staged = await stage(newId());
      await ledger.publishNow(forceId);
      await ledger.stop();
      // Before: entries have their index and tiles, but the old checkpoint stands. After: only the head row is old.
      if (when === "before the checkpoint") await writeFile(checkpoint, old);
      await server.test.asAdministrator("update sworn.ledger_head set size = 1, root = $1", [before.root]);
      ledger = await open();
      const covered = await ledger.covered(forceId, staged);
      expect([first.index, covered.index]).toEqual([0, 1]);
      const head = await ledger.head(forceId);
      const readNode = nodesFromTiles(sha256, (path) => ledger.readPublic(forceId, path), head.size);
      const proof = await proveConsistency(sha256, readNode, { oldSize: before.size, newSize: head.size });
      const claim = {
        oldSize: before.size,
        newSize: head.size,
        oldRoot: before.root,
        newRoot: head.root,
        proof,
      };
      expect(await verifyConsistency(claim)).toEqual({ ok: true });
    },
  );

  it("refuses to go on from a database that is behind the published checkpoint", async () => {
    await ledger.covered(forceId, await stage(newId()));
    await ledger.covered(forceId, await stage(newId()));
    await ledger.stop();
    await server.test.asAdministrator("delete from sworn.ledger_entry where index = 1");
    await server.test.asAdministrator("update sworn.ledger_head set size = 1");
    ledger = await open();
    const staged = await stage(newId());
    await expect(ledger.covered(forceId, staged)).rejects.toMatchObject({ code: "ledger-behind" });
    expect((await ledger.head(forceId)).size).toBe(2);
  });

  it.each(["is gone", "is an older one"])(
    "signs nothing when the checkpoint %s: it could fork the log",
    async (how) => {
      await ledger.covered(forceId, await stage(newId()));
      const checkpoint = join(folder, "ledger", forceId, "checkpoint");
      const old = await readFile(checkpoint);
      await ledger.covered(forceId, await stage(newId()));
      await ledger.stop();
      await (how === "is gone" ? rm(checkpoint) : writeFile(checkpoint, old));
      ledger = await open();
      const staged = await stage(newId());
      await expect(ledger.covered(forceId, staged)).rejects.toMatchObject({ code: "ledger-damaged" });
    },
  );

  it("does not sign a continuation of damaged tiles, and says what a stranger's checkpoint is", async () => {
    await ledger.covered(forceId, await stage(newId()));
    await ledger.stop();
    const tile = join(folder, "ledger", forceId, "tile/0/000.p/1");
    const bytes = await readFile(tile);
    bytes[0] = (bytes[0] ?? 0) ^ 1;
    await writeFile(tile, bytes);
    ledger = await open();
    const staged = await stage(newId());
    await expect(ledger.covered(forceId, staged)).rejects.toMatchObject({ code: "ledger-damaged" });
    await writeFile(join(folder, "ledger", forceId, "checkpoint"), "sworn/other\n1\nAAAA\n\n— x AAAA\n");
    await expect(ledger.head(forceId)).rejects.toMatchObject({ code: "ledger-damaged" });
  });

  it("cannot read an entry once its month's key is destroyed, while the tree still verifies", async () => {
    const { leaf } = await ledger.covered(forceId, await stage(newId()));
    ring.clear();
    await ledger.stop();
    ledger = await open();
    const [row] = await server.test.asAdministrator(
      "select leaf, sealed_opening, opening_key from sworn.ledger_entry",
    );
    const entry = row as { leaf: Uint8Array; sealed_opening: Uint8Array; opening_key: string };
    await expect(ledger.open(forceId, entry)).rejects.toMatchObject({ code: "ledger-entry-unknown" });
    expect(Buffer.from(entry.leaf)).toEqual(Buffer.from(leaf));
    const head = await ledger.head(forceId);
    const readTile = (path: string) => ledger.readPublic(forceId, path);
    expect(await verifyLog({ sha256, ...head, readTile, entries: true })).toEqual({ ok: true });
  });

  it("answers odd paths with not found", async () => {
    for (const path of ["tile/0/000.p/256", "tile/0/../../checkpoint", "tile/entries/x", "tile/9/000"]) {
      const answer = await server.call("GET", `/ledger/${forceId}/${path}`);
      expect(answer.status, path).toBe(404);
    }
    expect((await server.call("GET", `/ledger/${formatId(newId())}/checkpoint`)).status).toBe(404);
  });
});
