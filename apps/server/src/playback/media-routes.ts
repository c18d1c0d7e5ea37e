// The answer with a recording's media: byte ranges of the playable file (RFC 9110 §14), shared by the API and the page.
import type { OutgoingHttpHeader, ServerResponse } from "node:http";
import type { ForceId, RecordingId } from "@sworn/contract";
import { toHex } from "@sworn/custody";
import type { FastifyReply, FastifyRequest } from "fastify";
import Type from "typebox";
import { Problem } from "../http/problem.ts";
import { askedRange, isKnownToClient, rangeStillFits } from "./byte-range.ts";
import type { Lease, NotPlayable, OpenRecordings } from "./open-recordings.ts";
import type { PlaybackPorts } from "./ports.ts";
import { reportDamage } from "./report-damage.ts";
import type { ClearBatch } from "./sealed-media.ts";
import { sendBatches } from "./send-batches.ts";
import type { StoredPlay } from "./store.ts";

/** The schema of a picture as a body. */
export const jpegSchema = Type.Unsafe<Buffer>(Type.String({ format: "binary", description: "A JPEG." }));

type Ports = Pick<PlaybackPorts, "database" | "clock" | "log">;

/** Where the certificate of a destroyed recording is. */
function certificatePath(id: RecordingId): string {
  return `/v1/recordings/${id}/destruction`;
}

export function refusePlay(outcome: NotPlayable): Problem {
  switch (outcome.kind) {
    case "unknown":
      return new Problem("not-found", "There is no such recording in your force.");
    case "not-collected":
      return new Problem("conflict", "The recording has not been uploaded yet. Dock the camera.");
    case "destroyed": {
      const certificate = certificatePath(outcome.recordingId);
      return new Problem(
        "gone",
        `The recording was ordered to be destroyed. Its certificate is at ${certificate}.`,
        {
          headers: { link: `<${certificate}>; rel="describedby"; type="application/cose"` },
        },
      );
    }
  }
}

const damaged = "The stored bytes do not verify. Nothing that failed was sent, and a finding tells where.";

/** Does `work`; damage that it meets becomes a finding and a fault without its text. */
export async function orReport<T>(
  ports: Ports,
  place: { readonly forceId: ForceId; readonly recordingId: RecordingId },
  work: () => Promise<T>,
): Promise<T | NotPlayable> {
  try {
    return await work();
  } catch (fault) {
    const { forceId, recordingId } = place;
    if ((await reportDamage(ports, forceId, recordingId, fault)) === "destroyed")
      return { kind: "destroyed", recordingId };
    throw new Problem("fault", damaged, { cause: fault });
  }
}

/** Opens the recording of a play. Damage that is seen on opening is reported too. */
export async function leaseFor(ports: Ports, open: OpenRecordings, play: StoredPlay): Promise<Lease> {
  const place = { forceId: play.force_id, recordingId: play.recording_id };
  const lease = await orReport(ports, place, () => open.use(place.forceId, place.recordingId));
  if (lease.kind !== "open") throw refusePlay(lease);
  return lease;
}

export const mediaHeaders = {
  "accept-ranges": "bytes",
  "cache-control": "private, no-store",
  "content-type": "video/mp4",
} as const;

const etags = new WeakMap<Lease["row"], string>();

/** The entity tag of a recording's media: its identity. */
export function etagOf(row: Lease["row"]): string {
  const known = etags.get(row) ?? `"${toHex(row.identity ?? new Uint8Array())}"`;
  etags.set(row, known);
  return known;
}

/** Answers GET and HEAD, and releases the lease. Nothing is sent before its first segment authenticated. */
export async function sendMedia(
  ports: Ports,
  request: FastifyRequest,
  reply: FastifyReply,
  lease: Lease,
): Promise<void> {
  const { row, media } = lease;
  try {
    const etag = etagOf(row);
    const { range, "if-range": ifRange, "if-none-match": ifNoneMatch } = request.headers;
    const sizeBytes = media.map.lengthBytes;
    void reply.headers({ ...mediaHeaders, etag });
    if (isKnownToClient(ifNoneMatch, etag)) {
      await reply.code(304).send();
      return;
    }
    // Range has a meaning for GET alone (§14.2).
    const firstIfRange = Array.isArray(ifRange) ? ifRange[0] : ifRange;
    const wanted = request.method === "GET" && rangeStillFits(firstIfRange, etag) ? range : undefined;
    const asked = askedRange(wanted, sizeBytes);
    if (asked.kind === "unsatisfiable") {
      const headers = { "content-range": `bytes */${sizeBytes}` };
      throw new Problem("range-not-satisfiable", `The recording has ${sizeBytes} bytes.`, { headers });
    }
    const [fromBytes, toBytes] = asked.kind === "part" ? [asked.fromBytes, asked.toBytes] : [0, sizeBytes];
    if (asked.kind === "part")
      void reply.header("content-range", `bytes ${fromBytes}-${toBytes - 1}/${sizeBytes}`);
    void reply.code(asked.kind === "part" ? 206 : 200).header("content-length", toBytes - fromBytes);
    if (request.method === "HEAD") {
      takeOver(reply).end();
      return;
    }
    await sendRange(ports, reply, lease, fromBytes, toBytes);
  } finally {
    lease.release();
  }
}

/** Sends the head; the body is written by the caller, past the framework's streams. */
function takeOver(reply: FastifyReply): ServerResponse {
  void reply.hijack();
  const headers: OutgoingHttpHeader[] = [];
  const all = reply.getHeaders();
  for (const name in all) {
    const value = all[name];
    if (value !== undefined) headers.push(name, value);
  }
  return reply.raw.writeHead(reply.statusCode, headers);
}

async function sendRange(
  ports: Ports,
  reply: FastifyReply,
  { row, media }: Lease,
  fromBytes: number,
  toBytes: number,
): Promise<void> {
  const reading = media.read(fromBytes, toBytes);
  const whatNow = (fault: unknown): ReturnType<typeof reportDamage> =>
    reportDamage(ports, row.force_id, row.id, fault);
  let first: ClearBatch | null;
  try {
    first = await reading.next();
  } catch (fault) {
    const verdict = await whatNow(fault);
    for (const name of ["content-length", "content-range", "etag"]) void reply.removeHeader(name);
    if (verdict === "destroyed") throw refusePlay({ kind: "destroyed", recordingId: row.id });
    throw new Problem("fault", damaged, { cause: fault });
  }
  const response = takeOver(reply);
  try {
    await sendBatches(response, first, reading);
  } catch (fault) {
    // The answer is cut already; only the record of it is left to make.
    await whatNow(fault).catch((cause: unknown) => {
      ports.log.error("sending media failed", { recordingId: row.id, cause });
    });
  }
}
