// Films and uploads to Sworn from a process of its own: signed requests over plain sockets, as a dock sends them.
import { film, type Docked, type Film } from "../../apps/server/test/ingest/fake-camera.ts";
import { BenchError } from "../harness/bench.ts";
import { answerCalls } from "../harness/child.ts";
import { foundFar, type FarCamera, type FarForce } from "./far-server.ts";
import { Connection, expectStatus, inWrites } from "./send-bytes.ts";
import type { UploadLoad } from "./upload-load.ts";

interface Ready {
  readonly docked: Docked;
  readonly film: Film;
}

let force: FarForce | null = null;
const cameras: FarCamera[] = [];
let ready: Ready[] = [];

async function prepare(load: UploadLoad): Promise<void> {
  ready = [];
  for (let place = 0; place < load.uploads; place += 1) {
    const one = cameras[place] ?? (await force?.enrol(`Bench ${place}`));
    if (one === undefined) throw new BenchError("contestant-failed", "found the force first");
    cameras[place] = one;
    one.clock.filmFor(load.fragments * 2_000);
    const filmed = await film(one.camera, load);
    ready.push({ docked: await one.dock(), film: filmed });
  }
}

async function uploadOne({ docked, film: { media, ...rest } }: Ready, load: UploadLoad): Promise<void> {
  const created = await docked.create({ media, ...rest });
  if (created.status !== 201) throw new BenchError("contestant-failed", JSON.stringify(created.body));
  const path = created.headers.get("location") ?? "";
  const connection = await Connection.open(docked.url);
  for (let offset = 0; offset < media.byteLength; offset += load.requestBytes) {
    const body = media.subarray(offset, Math.min(media.byteLength, offset + load.requestBytes));
    const signed = await docked.dock.signed("PATCH", path, {
      session: docked.session,
      body,
      contentType: "application/offset+octet-stream",
      headers: { "tus-resumable": "1.0.0", "upload-offset": offset.toString() },
    });
    expectStatus(await connection.request("PATCH", path, signed, inWrites(body)), 204);
  }
  connection.close();
}

async function awaitReceipt({ docked, film: { number } }: Ready): Promise<void> {
  for (;;) {
    const { status, body } = await docked.receipt(number);
    if (status === 200) return;
    if (status !== 202) throw new BenchError("contestant-failed", `no receipt: ${JSON.stringify(body)}`);
  }
}

answerCalls({
  found: async (given) => {
    const { url, code } = given as { url: string; code: string };
    force = await foundFar(url, code);
  },
  prepare: (given) => prepare(given as UploadLoad),
  /** Uploads all, and says when the last byte was acknowledged and when the last receipt was there. */
  upload: async (given) => {
    const load = given as UploadLoad;
    const startedAtMs = performance.now();
    await Promise.all(ready.map((one) => uploadOne(one, load)));
    const wallSeconds = (performance.now() - startedAtMs) / 1_000;
    await Promise.all(ready.map(awaitReceipt));
    const receiptSeconds = (performance.now() - startedAtMs) / 1_000;
    return {
      bytes: ready.reduce((sum, { film: { media } }) => sum + media.byteLength, 0),
      wallSeconds,
      receiptSeconds,
    };
  },
  close: () => Promise.resolve(),
});
