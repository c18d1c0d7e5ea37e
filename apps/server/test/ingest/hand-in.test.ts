// What is on a camera that is no longer trusted, handed in by a named person: its journal apart from the accepted one, its
// recordings as untrusted, and a finding wherever it tells another story.
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { encodeSegment, equalBytes, keySigner, parseReceipt } from "@sworn/custody";
import { JOURNAL_MEDIA_TYPE, toBase64url } from "@sworn/contract";
import { openKeyRing } from "@sworn/vault";
import { openAuthorities } from "../../src/authority/index.ts";
import { runFsck, type FsckPorts } from "../../src/fsck/index.ts";
import { defaultSettings } from "../../src/retention/index.ts";
import type { Answer, Founded } from "../docking/docking-server.ts";
import { TestCamera } from "../docking/test-camera.ts";
import { TestDock } from "../docking/test-dock.ts";
import { Docked, film, type Film } from "./fake-camera.ts";
import { startIngestServer, type IngestServer } from "./ingest-server.ts";

let server: IngestServer;
let met: Founded;
let names = 0;

beforeAll(async () => {
  server = await startIngestServer();
  met = await server.found("met");
});
afterAll(() => server.stop());

const nextCamera = (): Promise<TestCamera> =>
  TestCamera.enrol(server, met, `MET-${(names += 1).toString().padStart(4, "0")}`);

const lose = (camera: TestCamera): Promise<Answer> =>
  server.call("POST", `/v1/cameras/${camera.id}/lost`, {
    key: met.key,
    body: { circumstances: "Left on a bus." },
  });

const begin = async (camera: TestCamera, key = met.key): Promise<Answer> =>
  server.call("POST", `/v1/cameras/${camera.id}/hand-ins`, {
    key,
    body: { reason: "Found in a gutter at Putney.", head: await camera.head() },
  });

interface Recording {
  recording: string;
  state: string;
  storedBytes: number | null;
  isSealed: boolean;
}
interface HandInBody {
  id: string;
  isComplete: boolean;
  forkSequence: number | null;
  recordings: Recording[];
}

async function sendJournal(handIn: string, from: number, bytes: Uint8Array, key = met.key): Promise<Answer> {
  const answer = await fetch(`${server.url}/v1/hand-ins/${handIn}/journal?from=${from.toString()}`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": JOURNAL_MEDIA_TYPE },
    body: new Uint8Array(bytes),
  });
  const body = (await answer.json()) as Record<string, unknown>;
  return { status: answer.status, headers: answer.headers, body };
}

/** The whole journal from `from` on, in two segments. */
async function handIn(camera: TestCamera, from = 0): Promise<{ id: string; answers: Answer[] }> {
  const begun = await begin(camera);
  expect([200, 201], JSON.stringify(begun.body)).toContain(begun.status);
  const { id } = begun.body as unknown as HandInBody;
  const middle = Math.floor((from + camera.next) / 2);
  const answers = [
    await sendJournal(id, from, camera.segment(from, middle)),
    await sendJournal(id, middle, camera.segment(middle)),
  ];
  return { id, answers };
}

const recordingsOf = (answer: Answer | undefined): Recording[] =>
  (answer?.body["handIn"] as HandInBody | undefined)?.recordings ?? [];

async function upload(camera: TestCamera, filmed: Film, media: Uint8Array = filmed.media): Promise<Response> {
  const pairs = {
    import: "untrusted-camera",
    camera: camera.id,
    recording: filmed.id,
    number: filmed.number.toString(),
    envelope: toBase64url(filmed.envelope),
  };
  const metadata = Object.entries(pairs).map(([name, value]) => `${name} ${btoa(value)}`);
  const headers = { authorization: `Bearer ${met.key}`, "tus-resumable": "1.0.0" };
  const created = await fetch(`${server.url}/v1/uploads`, {
    method: "POST",
    headers: {
      ...headers,
      "upload-length": media.length.toString(),
      "upload-metadata": metadata.join(","),
    },
  });
  if (created.status !== 201) return created;
  const location = server.url + (created.headers.get("location") ?? "");
  const asked = await fetch(location, { method: "HEAD", headers });
  const offset = Number(asked.headers.get("upload-offset"));
  if (offset === Number(asked.headers.get("upload-length"))) return asked;
  const sent = await fetch(location, {
    method: "PATCH",
    headers: {
      ...headers,
      "upload-offset": offset.toString(),
      "content-type": "application/offset+octet-stream",
    },
    body: new Uint8Array(media.subarray(offset)),
  });
  await server.ingest.queue.settled();
  return sent;
}

const shown = async (filmed: Film): Promise<Record<string, unknown>> =>
  (await server.call("GET", `/v1/recordings/${filmed.id}`, { key: met.key })).body;

const findings = async (camera: TestCamera): Promise<{ kind: string; subject: string; detail: object }[]> =>
  (await server.call("GET", `/v1/findings?camera=${camera.id}`, { key: met.key })).body["findings"] as {
    kind: string;
    subject: string;
    detail: object;
  }[];

const rowOf = async (camera: TestCamera): Promise<Record<string, unknown>> =>
  (await server.test.asAdministrator("select * from sworn.camera where id = $1", [camera.id]))[0] ?? {};

const entriesOf = (camera: TestCamera): Promise<Record<string, unknown>[]> =>
  server.test.asAdministrator(
    "select event, person_id, index from sworn.ledger_entry where camera_id = $1 order by id",
    [camera.id],
  );

describe("a camera that was lost before it ever docked", () => {
  let camera: TestCamera;
  let sealed: Film;
  let open: Film;

  beforeAll(async () => {
    camera = await nextCamera();
    sealed = await film(camera);
    open = await film(camera, { fragments: 2, seal: false });
    await lose(camera);
  });

  it("is handed in: a journal of its own, the ledger before the answer, and recordings without a time", async () => {
    const { id, answers } = await handIn(camera);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(answers.at(-1)?.body).toMatchObject({
      refused: 0,
      handIn: { id, isComplete: true, forkSequence: null, handedInBy: met.personId },
    });
    expect(recordingsOf(answers.at(-1))).toMatchObject([
      { recording: sealed.id, state: "expected", isSealed: true, storedBytes: sealed.media.length },
      { recording: open.id, state: "expected", isSealed: false, storedBytes: open.media.length },
    ]);
    expect(await rowOf(camera)).toMatchObject({ state: "lost", head_sequence: null, head_hash: null });
    const entries = await entriesOf(camera);
    const ours = entries.filter(({ event }) => String(event).includes("handed-in"));
    expect(ours.map(({ event }) => event)).toEqual([
      "camera-handed-in",
      "journal-handed-in",
      "journal-handed-in",
    ]);
    for (const { person_id: person, index } of ours) {
      expect(person).toBe(met.personId);
      expect(index).not.toBeNull();
    }
    const kinds = (await findings(camera)).map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === "uncertain-clock")).toHaveLength(2);
    expect(kinds).toContain("unclean-stop");
    expect(await shown(sealed)).toMatchObject({ clock: "unbounded", state: "expected" });
  });

  it("brings its recordings as untrusted, the unsealed one too, with receipt and person", async () => {
    for (const filmed of [sealed, open]) {
      expect((await upload(camera, filmed)).status).toBe(204);
      expect(await shown(filmed)).toMatchObject({
        state: "collected",
        verdict: "untrusted",
        hasReceipt: true,
      });
      const answer = await fetch(`${server.url}/v1/recordings/${filmed.id}/receipt`, {
        headers: { authorization: `Bearer ${met.key}` },
      });
      const { value } = parseReceipt(new Uint8Array(await answer.arrayBuffer()));
      expect(value).toMatchObject({ verdict: "untrusted", number: filmed.number });
      expect(equalBytes(value.identity, filmed.identity)).toBe(true);
    }
    const collected = (await entriesOf(camera)).filter(({ event }) => event === "recording-collected");
    expect(collected.map(({ person_id: person }) => person)).toEqual([met.personId, met.personId]);
  });

  it("gives an export whose journal is the handed-in one", async () => {
    const begun = await server.call("POST", `/v1/recordings/${open.id}/exports`, {
      key: met.key,
      body: { recipient: "CPS London North", purpose: "Charging decision" },
    });
    const id = String(begun.body["id"]);
    const { body } = await server.call("GET", `/v1/recordings/${open.id}/exports/${id}/files`, {
      key: met.key,
    });
    const files = body["files"] as { path: string; content: string }[];
    expect(files.find(({ path }) => path === "journal.cbor")?.content.length).toBeGreaterThan(500);
  });

  it("is a no-op the second time", async () => {
    const before = await entriesOf(camera);
    const found = await findings(camera);
    expect((await begin(camera)).status).toBe(200);
    const { answers } = await handIn(camera);
    expect(answers.map(({ body }) => [body["accepted"], body["refused"], body["findings"]])).toEqual([
      [0, 0, []],
      [0, 0, []],
    ]);
    // Cut otherwise, it is still the same journal.
    const { id } = (await begin(camera)).body as unknown as HandInBody;
    const whole = await sendJournal(id, 0, camera.segment(0));
    expect(whole.body).toMatchObject({ accepted: 0, duplicate: camera.next, refused: 0 });
    expect((await upload(camera, sealed)).status).toBe(200);
    expect(await entriesOf(camera)).toEqual(before);
    expect(await findings(camera)).toEqual(found);
  });
});

describe("a camera that was lost after half its journal was accepted", () => {
  it("adds what the accepted journal lacks, and moves no head", async () => {
    const camera = await nextCamera();
    const dock = await TestDock.enrol(server, met, "Camden");
    const promised = await film(camera);
    const cut = await film(camera, { fragments: 4, seal: false });
    const docked = await Docked.at(server, dock, camera);
    const half = await docked.create(promised);
    expect(
      (await docked.patch(half.headers.get("location") ?? "", 0, promised.media.subarray(0, 150_000))).status,
    ).toBe(204);
    const head = (await rowOf(camera))["head_sequence"];
    await camera.bootUp("restart", false);
    const started = camera.next;
    const later = await film(camera);
    await lose(camera);

    // As a camera that pruned what came before: it begins in the middle.
    const { answers } = await handIn(camera, 2);
    expect(answers.at(-1)?.body).toMatchObject({
      refused: 0,
      handIn: { isComplete: true, forkSequence: null },
    });
    expect(recordingsOf(answers.at(-1)).map(({ recording }) => recording)).toEqual(
      [promised, cut, later].map(({ id }) => id),
    );
    expect((await rowOf(camera))["head_sequence"]).toBe(head);
    expect(started).toBeGreaterThan(Number(head));
    // What a dock began to send, a person goes on with: and it is untrusted all the same.
    for (const filmed of [promised, cut, later]) {
      expect((await upload(camera, filmed)).status).toBe(204);
      expect(await shown(filmed)).toMatchObject({ state: "collected", verdict: "untrusted" });
    }
    const rows = await server.test.asAdministrator(
      "select id, hand_in_id from sworn.recording where camera_id = $1 order by number",
      [camera.id],
    );
    expect(rows.map(({ hand_in_id: of }) => of === null)).toEqual([true, false, false]);
  });

  it("is told as a fork when it tells another story, and the accepted journal's word stands", async () => {
    const camera = await nextCamera();
    const dock = await TestDock.enrol(server, met, "Bexley");
    const first = await film(camera);
    await Docked.at(server, dock, camera);
    const { head_sequence: head, head_hash: hash } = await rowOf(camera);
    const forkAt = camera.next - 3;
    camera.forget(3);
    await camera.relink();
    camera.number = 0;
    const other = await film(camera);
    camera.number = 5;
    const free = await film(camera);
    await lose(camera);
    const { answers } = await handIn(camera);
    expect(answers.at(-1)?.body["handIn"]).toMatchObject({ forkSequence: forkAt });
    const told = await findings(camera);
    expect(told.filter(({ kind }) => kind === "journal-fork").map(({ detail }) => detail)).toContainEqual(
      expect.objectContaining({ sequence: forkAt }),
    );
    expect(told.map(({ detail }) => detail)).toContainEqual(
      expect.objectContaining({ problem: "number-taken", recording: other.id }),
    );
    expect(await rowOf(camera)).toMatchObject({ head_sequence: head, head_hash: hash });
    expect((await shown(first))["state"]).toBe("expected");
    expect((await upload(camera, other)).status).toBe(422);
    // It may still be evidence.
    expect((await upload(camera, free)).status).toBe(204);
    expect(await shown(free)).toMatchObject({ verdict: "untrusted" });
  });
});

describe("what is handed in", () => {
  it("is refused and kept where the camera did not sign it, and promises nothing", async () => {
    const camera = await nextCamera();
    const good = camera.next;
    const pair = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, [
      "sign",
      "verify",
    ]);
    camera.signer = keySigner(pair.privateKey, camera.signer.certificateHash);
    const forged = await film(camera);
    await lose(camera);
    const { id } = (await begin(camera)).body as unknown as HandInBody;
    const answer = await sendJournal(id, 0, camera.segment(0));
    expect(answer.body).toMatchObject({
      accepted: good,
      refused: camera.next - good,
      handIn: { isComplete: false, recordings: [] },
    });
    expect((await findings(camera)).map(({ kind }) => kind)).toEqual(["journal-refused"]);
    expect((await upload(camera, forged)).status).toBe(422);
    const again = await sendJournal(id, 0, camera.segment(0));
    expect(again.body).toMatchObject({ accepted: 0, duplicate: good });
    expect(await findings(camera)).toHaveLength(1);
  });

  it("is kept apart where media and journal disagree", async () => {
    const camera = await nextCamera();
    const filmed = await film(camera);
    const short = await film(camera);
    await lose(camera);
    await handIn(camera);
    const altered = Buffer.from(filmed.media);
    altered[150_000] = (altered[150_000] ?? 0) ^ 1;
    expect((await upload(camera, filmed, altered)).status).toBe(204);
    expect((await shown(filmed))["state"]).toBe("expected");
    expect((await upload(camera, short, short.media.subarray(0, 90_000))).status).toBe(204);
    const kinds = (await findings(camera)).filter(({ kind }) => kind === "altered");
    expect(kinds).toHaveLength(2);
    const list = await server.call("GET", "/v1/quarantine", { key: met.key });
    const kept = list.body["quarantine"] as { id: string; recordingId: string }[];
    const waiting = kept.find(({ recordingId }) => recordingId === filmed.id);
    const decided = await server.call("POST", `/v1/quarantine/${waiting?.id ?? ""}/decision`, {
      key: met.key,
      body: { decision: "altered", reason: "Water damage in one part." },
    });
    expect(decided.status).toBe(200);
    expect(await shown(filmed)).toMatchObject({ state: "collected", verdict: "altered" });
  });

  it("comes from a named person of the camera's force, of a camera that no dock takes", async () => {
    const camera = await nextCamera();
    const filmed = await film(camera);
    const path = `/v1/cameras/${camera.id}/hand-ins`;
    const body = { reason: "Found.", head: await camera.head() };
    expect(await begin(camera)).toMatchObject({ status: 409 });
    const dock = await TestDock.enrol(server, met, "Bromley");
    await Docked.at(server, dock, camera);
    expect((await upload(camera, filmed)).status).toBe(409);
    await lose(camera);
    expect((await server.call("POST", path, { body })).status).toBe(401);
    expect((await server.call("POST", path, { key: "swk_wrong", body })).status).toBe(401);
    expect((await dock.send("POST", path, { body: Buffer.from("{}") })).status).toBe(401);
    const others = await server.found("city");
    expect((await begin(camera, others.key)).status).toBe(404);
    const forwarded = await fetch(server.url + path, {
      method: "POST",
      headers: {
        authorization: `Bearer ${met.key}`,
        "content-type": "application/json",
        "x-forwarded-for": "203.0.113.7",
      },
      body: JSON.stringify(body),
    });
    expect(forwarded.status).toBe(403);
    for (const wrong of [{ ...body, reason: " " }, { head: body.head }, { ...body, head: null }])
      expect((await server.call("POST", path, { key: met.key, body: wrong })).status).toBe(400);
    const begun = (await begin(camera)).body as unknown as HandInBody;
    expect((await sendJournal(begun.id, 0, camera.segment(0), others.key)).status).toBe(404);
    expect((await sendJournal(begun.id, 1, camera.segment(0))).status).toBe(422);
    expect((await sendJournal(begun.id, 0, new Uint8Array([1, 2, 3]))).status).toBe(422);
    // Another camera's journal is nobody's here.
    const stranger = await nextCamera();
    expect((await sendJournal(begun.id, 0, stranger.segment(0))).body).toMatchObject({ accepted: 0 });
  });

  it("is refused where its own entries do not follow each other, and what did stays", async () => {
    const camera = await nextCamera();
    await film(camera);
    await lose(camera);
    const { id } = (await begin(camera)).body as unknown as HandInBody;
    const cut = camera.records.filter((_record, place) => place !== 4);
    const answer = await sendJournal(id, 0, encodeSegment(cut));
    expect(answer.body).toMatchObject({ accepted: 4, refused: cut.length - 4 });
    expect((await sendJournal(id, 0, camera.segment(0))).body).toMatchObject({ duplicate: 4, refused: 0 });
  });
});

describe("media that is shorter than its journal promises", () => {
  interface Kept {
    id: string;
    recordingId: string;
    reason: string;
    verdicts: { verdict: string }[];
  }
  const decide = (id: string, decision: string): Promise<Answer> =>
    server.call("POST", `/v1/quarantine/${id}/decision`, {
      key: met.key,
      body: { decision, reason: "The card was damaged." },
    });
  const keptOf = async (filmed: Film): Promise<Kept | undefined> =>
    ((await server.call("GET", "/v1/quarantine", { key: met.key })).body["quarantine"] as Kept[]).find(
      ({ recordingId }) => recordingId === filmed.id,
    );

  it("is kept apart with a verdict for each part, and what is missing stays named when it is accepted", async () => {
    const camera = await nextCamera();
    const filmed = await film(camera, { fragments: 4 });
    await lose(camera);
    await handIn(camera);
    const [init, first, second] = filmed.parts.map(({ length }) => length);
    const length = (init ?? 0) + (first ?? 0) + (second ?? 0) + 500;
    expect((await upload(camera, filmed, filmed.media.subarray(0, length))).status).toBe(204);
    const kept = await keptOf(filmed);
    expect(kept?.verdicts.map(({ verdict }) => verdict)).toEqual([
      ...["verified", "verified", "verified", "missing", "missing"],
    ]);
    expect(kept?.reason).toContain("2 of 5 parts did not come whole, 4.0 s to 8.0 s");
    expect((await decide(kept?.id ?? "", "untrusted")).status).toBe(409);
    expect((await decide(kept?.id ?? "", "altered")).status).toBe(200);
    expect(await shown(filmed)).toMatchObject({ state: "collected", verdict: "altered", hasReceipt: true });
    const told = (await findings(camera)).filter(({ kind }) => kind === "missing");
    expect(told).toMatchObject([{ subject: "parts:3-4", detail: { fromMs: 4000, toMs: 8000 } }]);
    expect((await entriesOf(camera)).map(({ event }) => event)).toContain("recording-missing");

    const begun = await server.call("POST", `/v1/recordings/${filmed.id}/exports`, {
      key: met.key,
      body: { recipient: "CPS London North", purpose: "Charging decision" },
    });
    const path = `/v1/recordings/${filmed.id}/exports/${String(begun.body["id"])}/master`;
    const answer = await fetch(server.url + path, { headers: { authorization: `Bearer ${met.key}` } });
    const bytes = new Uint8Array(await answer.arrayBuffer());
    expect(equalBytes(bytes, Buffer.concat(filmed.plain.slice(0, 3)))).toBe(true);
  });

  it("may be followed by all of it, once it was rejected", async () => {
    const camera = await nextCamera();
    const filmed = await film(camera);
    await lose(camera);
    await handIn(camera);
    const half = filmed.media.subarray(0, 150_000);
    expect((await upload(camera, filmed, half)).status).toBe(204);
    const kept = await keptOf(filmed);
    expect((await decide(kept?.id ?? "", "rejected")).status).toBe(200);
    // All of it may follow, and is collected as untrusted.
    expect((await upload(camera, filmed)).status).toBe(204);
    expect(await shown(filmed)).toMatchObject({ state: "collected", verdict: "untrusted" });
  });
});

it("is data in which fsck finds nothing wrong, and misses what is gone", async () => {
  const { folder, store, test } = server;
  const ports: FsckPorts = {
    database: test.database,
    clock: server.clock,
    store,
    openKeys: () =>
      openKeyRing({
        places: [join(folder, "keys-a"), join(folder, "keys-b")],
        rootFolder: join(folder, "roots"),
        readOnly: true,
      }),
    authorityOf: async (force) => (await openAuthorities(join(folder, "authority"))).of(force),
    ledgerFolder: join(folder, "ledger"),
    settings: defaultSettings,
  };
  const report = await runFsck(ports, { level: 4 });
  expect(report.problems).toEqual([]);
  const [first] = await test.asAdministrator(
    "select *, encode(hash, 'hex') as name from sworn.hand_in_segment order by received_at limit 1",
  );
  for await (const { key } of store.list(
    `${met.forceId}/journals-handed-in/${String(first?.["hand_in_id"])}/`,
  ))
    if (key.endsWith(String(first?.["name"]))) await store.delete(key);
  const missing = (await runFsck(ports, { level: 1 })).problems;
  expect(missing.map(({ kind }) => kind)).toEqual(["segment-missing"]);
});
