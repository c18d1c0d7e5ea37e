// HTTP of receipts for docks: what frees a camera's copy, or why there is none yet.
import { COSE_MEDIA_TYPE, CameraIdSchema, ProblemSchema, type CameraId } from "@sworn/contract";
import type { FastifyReply, FastifyRequest } from "fastify";
import Type from "typebox";
import { dockOf, sessionOf, type DockAccess } from "../docking/index.ts";
import { findRecordingByNumber, issueReceipt } from "../evidence/index.ts";
import type { RegisterRoutes } from "../http/app.ts";
import { Problem } from "../http/problem.ts";
import { withForce } from "../platform/database/database.ts";
import type { FinishQueue } from "./finish-queue.ts";
import type { IngestPorts } from "./ports.ts";
import { openQuarantineOf } from "./quarantine-store.ts";
import { QUARANTINE_FULL } from "./quarantine-upload.ts";
import { findUploadOf } from "./store.ts";

/** How long an answer waits for a receipt that is being made, ms. */
const PATIENCE_MS = 3_000;

const params = Type.Object({
  camera: CameraIdSchema,
  number: Type.Integer({ minimum: 1, maximum: 2_147_483_647 }),
});

interface Given {
  readonly ports: IngestPorts;
  readonly queue: FinishQueue;
  readonly dockAccess: DockAccess;
}

async function patiently(work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const enough = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, PATIENCE_MS);
  });
  await Promise.race([work.catch(() => undefined), enough]);
  clearTimeout(timer);
}

async function answer(
  given: Given,
  request: FastifyRequest,
  reply: FastifyReply,
  camera: CameraId,
  number: number,
) {
  const { forceId } = dockOf(request);
  if (sessionOf(request).cameraId !== camera)
    throw new Problem("not-found", "The session is another camera's.");
  const { database } = given.ports.evidence;
  const look = () =>
    withForce(
      database,
      { forceId, personId: null },
      async (tx) => {
        const row = await findRecordingByNumber(tx, camera, number);
        const nothing = { upload: undefined, waiting: undefined, refused: undefined };
        if (row?.state !== "expected") return { row, ...nothing };
        return {
          row,
          upload: await findUploadOf(tx, row.id, ["open", "verifying"]),
          waiting: await openQuarantineOf(tx, row.id),
          refused: await findUploadOf(tx, row.id, ["refused"]),
        };
      },
      // One view of all three: collected between two of them, a recording would seem never to have been sent.
      { isolation: "repeatable read" },
    );
  let found = await look();
  if (found.upload?.state === "verifying") {
    await patiently(given.queue.finish(forceId, found.upload.id));
    found = await look();
  }
  const { row, upload, waiting, refused } = found;
  if (row === undefined)
    throw new Problem("not-found", "The camera's accepted journal names no such recording.");
  if (upload?.state === "verifying") return reply.code(202).header("retry-after", "2").send();
  if (row.state === "expected") {
    if (waiting !== undefined)
      throw new Problem("quarantined", `${waiting.reason} Keep the recording: a person decides.`);
    if (upload === undefined && refused?.problem === QUARANTINE_FULL)
      throw new Problem("storage-full", `${refused.problem} Keep the recording: a person must make room.`);
    throw new Problem("not-found", "The recording is not here yet. Send it.");
  }
  let { receipt } = row;
  if (receipt === null) {
    await patiently(
      issueReceipt(given.ports.evidence, forceId, row.id).then((issued) => {
        receipt = issued;
      }),
    );
  }
  if (receipt === null) return reply.code(202).header("retry-after", "2").send();
  return reply.code(200).type(COSE_MEDIA_TYPE).header("cache-control", "no-store").send(Buffer.from(receipt));
}

export function receiptRoutes(given: Given): RegisterRoutes {
  return (app) => {
    app.get(
      "/v1/cameras/:camera/recordings/:number/receipt",
      {
        onRequest: given.dockAccess("session"),
        schema: {
          tags: ["ingest"],
          operationId: "getReceipt",
          summary: "The receipt that frees the camera's copy; the same bytes each time",
          params,
          response: { "4xx": ProblemSchema },
        },
      },
      (request, reply) => answer(given, request, reply, request.params.camera, request.params.number),
    );

    app.get(
      "/v1/cameras/:camera/recordings/:number/destruction",
      {
        onRequest: given.dockAccess("session"),
        schema: {
          tags: ["ingest"],
          operationId: "getCameraDestruction",
          summary: "The certificate of destruction of a recording that the camera still holds",
          params,
        },
      },
      async (request, reply) => {
        const { camera, number } = request.params;
        if (sessionOf(request).cameraId !== camera)
          throw new Problem("not-found", "The session is another camera's.");
        const row = await withForce(
          given.ports.evidence.database,
          { forceId: dockOf(request).forceId, personId: null },
          (tx) => findRecordingByNumber(tx, camera, number),
        );
        if (row === undefined || row.destruction_certificate === null)
          throw new Problem("not-found", "The recording is not destroyed.");
        return reply
          .type(COSE_MEDIA_TYPE)
          .header("cache-control", "no-store")
          .send(Buffer.from(row.destruction_certificate));
      },
    );
  };
}
