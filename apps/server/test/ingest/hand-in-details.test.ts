// Details outside recordings in what was handed in of a lost camera: wrapped as those of an accepted journal, before any
// ingest key goes.
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decodeSegment, encodeSegment, newId, sha256 } from "@sworn/custody";
import { JOURNAL_MEDIA_TYPE, type CameraId, type ForceId, type HandInId } from "@sworn/contract";
import { handedInSegmentKey, openOpenings, segmentsIn, wrapStored } from "../../src/docking/index.ts";
import { openKeyRing } from "@sworn/vault";
import { openAuthorities } from "../../src/authority/index.ts";
import { sweepMissing } from "../../src/findings/index.ts";
import { runFsck } from "../../src/fsck/index.ts";
import { defaultSettings } from "../../src/retention/index.ts";
import type { Founded } from "../docking/docking-server.ts";
import { TestCamera } from "../docking/test-camera.ts";
import { startIngestServer, type IngestServer } from "./ingest-server.ts";

const details = { officer: "Zebedee Quillfeather", collarNumber: "QX-90417", borough: null, team: null };
let server: IngestServer;
let met: Founded;
let camera: TestCamera;
let handIn: HandInId;

beforeAll(async () => {
  server = await startIngestServer();
  met = await server.found("met");
  camera = await TestCamera.enrol(server, met, "MET-1");
  await camera.add({ kind: "assigned", body: { assignment: newId() } }, { details });
  await server.call("POST", `/v1/cameras/${camera.id}/lost`, {
    key: met.key,
    body: { circumstances: "Left on a bus." },
  });
  const body = { reason: "Found in a gutter.", head: await camera.head() };
  const begun = await server.call("POST", `/v1/cameras/${camera.id}/hand-ins`, { key: met.key, body });
  handIn = begun.body["id"] as HandInId;
});
afterAll(() => server.stop());

const forceId = (): ForceId => met.forceId as ForceId;
const segments = () => segmentsIn(server.store);
const ports = () => ({ ...server.evidence, segments: segments() });

async function send(): Promise<Record<string, unknown>> {
  const answer = await fetch(`${server.url}/v1/hand-ins/${handIn}/journal?from=0`, {
    method: "POST",
    headers: { authorization: `Bearer ${met.key}`, "content-type": JOURNAL_MEDIA_TYPE },
    body: new Uint8Array(camera.segment(0)),
  });
  return (await answer.json()) as Record<string, unknown>;
}

async function row(): Promise<Record<string, unknown>> {
  const [found] = await server.test.asAdministrator(
    "select * from sworn.hand_in_segment where hand_in_id = $1",
    [handIn],
  );
  return found ?? {};
}

async function stored(): Promise<{ key: string; bytes: Uint8Array }> {
  const key = handedInSegmentKey(forceId(), handIn, 0, (await row())["hash"] as Uint8Array);
  return { key, bytes: (await segments().get(key)) ?? new Uint8Array() };
}

/** Who wore it, read without any ingest key. */
async function officer(): Promise<string> {
  const place = { forceId: forceId(), camera: camera.id as CameraId, handIn };
  const opened = await openOpenings(
    ports(),
    place,
    { from: 0, to: camera.next - 1 },
    {
      recordingKey: () => Promise.resolve(null),
      openEnvelope: () => Promise.resolve(null),
      async journalKey(id) {
        const found = await server.keys.get(id);
        return found.kind === "key" ? found.key : null;
      },
    },
  );
  return JSON.stringify(opened);
}

/** Kinds of what fsck tells at its first level. */
async function told(): Promise<string[]> {
  const { folder, store, test } = server;
  const report = await runFsck(
    {
      ...{ database: test.database, clock: server.clock, store, settings: defaultSettings },
      openKeys: () =>
        openKeyRing({
          places: [join(folder, "keys-a"), join(folder, "keys-b")],
          rootFolder: join(folder, "roots"),
          readOnly: true,
        }),
      authorityOf: async (force) => (await openAuthorities(join(folder, "authority"))).of(force),
      ledgerFolder: join(folder, "ledger"),
    },
    { level: 1 },
  );
  return report.problems.map(({ kind }) => kind);
}

describe("details in a handed-in journal", () => {
  it("are stored without their envelope, and open without the ingest key", async () => {
    expect(await send()).toMatchObject({ accepted: camera.next, refused: 0 });
    expect(await row()).toMatchObject({ details: "wrapped", replaced_hash: null });
    expect(Buffer.from((await stored()).bytes).includes("envelope")).toBe(false);
    expect(await officer()).toContain(details.officer);
    const keys = await server.test.asAdministrator(
      "select month from sworn.journal_key where camera_id = $1",
      [camera.id],
    );
    expect(keys).toHaveLength(1);
    // What was sent is known again, although other bytes of it are kept.
    expect(await send()).toMatchObject({ accepted: 0, duplicate: camera.next });
  });

  it("that an older version stored as sent are wrapped by the daily task, and entered", async () => {
    const sent = encodeSegment(camera.records);
    const hash = await sha256(sent);
    const { key: wrapped, bytes } = await stored();
    const key = handedInSegmentKey(forceId(), handIn, 0, hash);
    await segments().put(key, sent);
    await segments().remove(wrapped);
    await server.test.asAdministrator(
      "update sworn.hand_in_segment set hash = $2, size_bytes = $3, sent_hash = null, details = 'as-sent' where hand_in_id = $1",
      [handIn, Buffer.from(hash), sent.length],
    );
    expect(await officer()).not.toContain(details.officer);
    expect(await wrapStored(ports(), forceId())).toEqual({ wrapped: 1, waiting: 0 });
    expect(await segments().get(key)).toBeNull();
    expect(Buffer.from((await stored()).bytes)).toEqual(Buffer.from(bytes));
    expect(decodeSegment((await stored()).bytes)).toHaveLength(camera.next);
    expect(await officer()).toContain(details.officer);
    const entries = await server.test.asAdministrator(
      "select index from sworn.ledger_entry where camera_id = $1 and event = 'journal-details-wrapped'",
      [camera.id],
    );
    expect(entries).toHaveLength(1);
    expect(await send()).toMatchObject({ accepted: 0, duplicate: camera.next });
  });

  it("have a key that fsck misses when the ring lacks it, or no row names it", async () => {
    expect(await told()).toEqual([]);
    const rows = "update sworn.journal_key set month = $1 where camera_id = $2";
    await server.test.asAdministrator(rows, ["2030-01", camera.id]);
    expect((await told()).sort()).toEqual(["key-extra", "key-missing"]);
    await server.test.asAdministrator(rows, ["2026-01", camera.id]);
    expect(await told()).toEqual([]);
  });

  it("come with recordings that fsck wants named once they are overdue", async () => {
    const expected =
      "insert into sworn.recording (id, force_id, camera_id, number, state, format, created_at) select gen_random_uuid(), force_id, id, 77, 'expected', 'cmaf', $1 from sworn.camera where id = $2";
    await server.test.asAdministrator(expected, [new Date(server.clock.nowMs() - 6 * 86_400_000), camera.id]);
    expect(await told()).toEqual(["missing-untold"]);
    const sweep = { ...server.evidence, missingAfterDays: 3 };
    expect(await sweepMissing(sweep, forceId())).toBe(1);
    expect(await told()).toEqual([]);
  });

  it("that cannot be wrapped keep the ingest keys, until a person answers for it", async () => {
    const { key } = await stored();
    await segments().remove(key);
    await server.test.asAdministrator("update sworn.hand_in_segment set details = 'as-sent'");
    expect(await wrapStored(ports(), forceId())).toEqual({ wrapped: 0, waiting: 1 });
    const found = "select detail from sworn.finding where kind = 'destruction' and subject = $1";
    const [finding] = await server.test.asAdministrator(found, [`details:${handIn}:0`]);
    expect(finding?.["detail"]).toMatchObject({ because: "segment-damaged", handIn });
    await server.test.asAdministrator("update sworn.finding set resolved_at = found_at where subject = $1", [
      `details:${handIn}:0`,
    ]);
    expect(await wrapStored(ports(), forceId())).toEqual({ wrapped: 0, waiting: 0 });
  });
});
