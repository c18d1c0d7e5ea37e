// Films and uploads to Sworn from a process of its own: signed requests over plain sockets, as a dock sends them.
import { setTimeout as wait } from "node:timers/promises";
import { film, type Docked, type Film } from "../../apps/server/test/ingest/fake-camera.ts";
import { BenchError } from "../harness/bench.ts";
import { answerCalls } from "../harness/child.ts";
import { foundFar, type FarCamera, type FarForce } from "./far-server.ts";
import { Connection, expectStatus, inWrites } from "./send-bytes.ts";
import type { UploadLoad } from "./upload-load.ts";

interface Ready {
  readonly docked: Docked;
  readonly films: readonly Film[];
}

const ENROL_AT_ONCE = 8;
const PACES_PER_SECOND = 10;

let force: FarForce | null = null;
const cameras = new Map<number, FarCamera>();
let ready: Ready[] = [];

async function prepareOne(place: number, load: UploadLoad): Promise<Ready> {
  const one = cameras.get(place) ?? (await force?.enrol(`Bench ${place}`));
  if (one === undefined) throw new BenchError("contestant-failed", "found the force first");
  cameras.set(place, one);
  one.clock.filmFor(load.recordings * load.fragments * 2_000);
  const films: Film[] = [];
  for (let count = 0; count < load.recordings; count += 1) {
    // Only what is sent is kept: many cameras' films would fill the memory three times.
    films.push({ ...(await film(one.camera, load)), plain: [], parts: [] });
  }
  return { docked: await one.dock(), films };
}

async function prepare(load: UploadLoad): Promise<void> {
  ready = [];
  const places = Array.from({ length: load.uploads }, (_, place) => place);
  const work = async (): Promise<void> => {
    for (let place = places.shift(); place !== undefined; place = places.shift())
      ready.push(await prepareOne(place, load));
  };
  await Promise.all(Array.from({ length: ENROL_AT_ONCE }, work));
}

async function* atPace(body: Uint8Array, bytesPerSecond: number): AsyncGenerator<Uint8Array> {
  const startedAtMs = performance.now();
  const stepBytes = Math.ceil(bytesPerSecond / PACES_PER_SECOND);
  for (let at = 0; at < body.byteLength; at += stepBytes) {
    const dueMs = startedAtMs + (at / bytesPerSecond) * 1_000;
    await wait(Math.max(0, dueMs - performance.now()));
    yield body.subarray(at, at + stepBytes);
  }
}

async function uploadFilm(
  docked: Docked,
  filmed: Film,
  load: UploadLoad,
  connection: Connection,
): Promise<void> {
  const created = await docked.create(filmed);
  if (created.status !== 201) throw new BenchError("contestant-failed", JSON.stringify(created.body));
  const path = created.headers.get("location") ?? "";
  const { media } = filmed;
  for (let offset = 0; offset < media.byteLength; offset += load.requestBytes) {
    const body = media.subarray(offset, Math.min(media.byteLength, offset + load.requestBytes));
    const signed = await docked.dock.signed("PATCH", path, {
      session: docked.session,
      body,
      contentType: "application/offset+octet-stream",
      headers: { "tus-resumable": "1.0.0", "upload-offset": offset.toString() },
    });
    const pieces = load.bytesPerSecond > 0 ? atPace(body, load.bytesPerSecond) : inWrites(body);
    expectStatus(await connection.request("PATCH", path, signed, pieces), 204);
  }
}

async function uploadAll({ docked, films }: Ready, load: UploadLoad): Promise<void> {
  for (const filmed of films) {
    // A connection that has waited for its server is closed by it: one for each recording, as docks have.
    const connection = await Connection.open(docked.url);
    await uploadFilm(docked, filmed, load, connection);
    connection.close();
  }
}

async function awaitReceipts({ docked, films }: Ready): Promise<number> {
  let receipts = 0;
  for (const { number } of films) {
    for (let status = 202; status === 202;) {
      const answer = await docked.receipt(number);
      ({ status } = answer);
      if (status === 200) receipts += 1;
      else if (status !== 202)
        throw new BenchError("contestant-failed", `no receipt: ${JSON.stringify(answer.body)}`);
    }
  }
  return receipts;
}

answerCalls({
  found: async (given) => {
    const { url, code } = given as { url: string; code: string };
    force = await foundFar(url, code);
    return force.founded.key;
  },
  prepare: (given) => prepare(given as UploadLoad),
  /** Uploads all, and says when the last byte was acknowledged and when the last receipt was there. */
  upload: async (given) => {
    const load = given as UploadLoad;
    const startedAtMs = performance.now();
    let wallSeconds = 0;
    const counts = await Promise.all(
      ready.map(async (one) => {
        await uploadAll(one, load);
        wallSeconds = (performance.now() - startedAtMs) / 1_000;
        return awaitReceipts(one);
      }),
    );
    const films = ready.flatMap((one) => one.films);
    return {
      bytes: films.reduce((sum, { media }) => sum + media.byteLength, 0),
      wallSeconds,
      receiptSeconds: (performance.now() - startedAtMs) / 1_000,
      receiptsMissing: films.length - counts.reduce((sum, count) => sum + count, 0),
    };
  },
  close: () => Promise.resolve(),
});
