// tus 1.0.0 over HTTP: OPTIONS, POST, HEAD, PATCH. Docks call with signed requests in a session that the camera has
// opened; people import with their key. Quotations are from the protocol, tus.io/protocols/resumable-upload.
import { IMPORT_METADATA_KEY, ProblemSchema, UploadIdSchema, UploadStatusSchema } from "@sworn/contract";
import type {
  FastifyReply,
  FastifyRequest,
  HookHandlerDoneFunction,
  onRequestAsyncHookHandler,
} from "fastify";
import { Readable } from "node:stream";
import Type from "typebox";
import { dockOf, sessionOf, type DockAccess } from "../docking/index.ts";
import { staffOf, type HttpApp, type RegisterRoutes, type RouteAccess } from "../http/app.ts";
import { Problem } from "../http/problem.ts";
import { withForce } from "../platform/database/database.ts";
import { createCameraUpload, type Created, type UploadCaller } from "./create-upload.ts";
import { createImport } from "./create-import.ts";
import type { FinishQueue } from "./finish-queue.ts";
import type { IngestPorts } from "./ports.ts";
import { receiveUpload } from "./receive-upload.ts";
import { findUpload, type UploadRow } from "./store.ts";
import { refusalOf } from "./tus-answers.ts";
import {
  OFFSET_MEDIA_TYPE,
  TUS_EXTENSIONS,
  TUS_MAX_SIZE_BYTES,
  TUS_VERSION,
  isTusVersion,
  readByteCount,
  readMetadata,
  type Read,
} from "./tus-protocol.ts";
import { readCameraUpload, readFileUpload } from "./upload-metadata.ts";

const tags = ["ingest"];
const params = Type.Object({ upload: UploadIdSchema });

export interface IngestRoutesGiven {
  readonly ports: IngestPorts;
  readonly queue: FinishQueue;
  readonly dockAccess: DockAccess;
}

const isPerson = (request: FastifyRequest): boolean => request.headers.authorization !== undefined;

/** A person with a key, or a dock with a signature. */
function eitherAccess(access: RouteAccess, dockAccess: DockAccess): onRequestAsyncHookHandler {
  const docks = dockAccess("opened");
  return async function (request, reply) {
    for (const hook of isPerson(request) ? access.staff : docks) await hook.call(this, request, reply);
  };
}

function callerOf(request: FastifyRequest): UploadCaller {
  if (isPerson(request)) {
    const { forceId, personId } = staffOf(request);
    return { forceId, personId, session: null };
  }
  const { id, cameraId } = sessionOf(request);
  return { forceId: dockOf(request).forceId, personId: null, session: { id, cameraId } };
}

/**
 * "The Tus-Resumable header MUST be included in every request and response in HTTP except for OPTIONS requests. … If
 * the version specified by the Client is not supported by the Server, it MUST respond with the 412 Precondition Failed
 * status and MUST include the Tus-Version header into the response. In addition, the Server MUST NOT process the request."
 */
function speakTus(request: FastifyRequest, reply: FastifyReply, done: HookHandlerDoneFunction): void {
  void reply.headers({ "tus-resumable": TUS_VERSION, "cache-control": "no-store" });
  if (isTusVersion(request.headers["tus-resumable"])) {
    done();
    return;
  }
  const headers = { "tus-version": TUS_VERSION, "tus-resumable": TUS_VERSION };
  done(new Problem("precondition-failed", "Send Tus-Resumable: 1.0.0.", { headers }));
}

function valueOf<T>(read: Read<T>): T {
  if (read.kind === "read") return read.value;
  throw new Problem("request-invalid", read.reason);
}

/** The upload, if it is the caller's to send: a dock's camera's, or an import of the person's force. */
async function uploadOf(ports: IngestPorts, caller: UploadCaller, id: string): Promise<UploadRow> {
  const { database } = ports.evidence;
  const row = await withForce(database, { forceId: caller.forceId, personId: caller.personId }, (tx) =>
    findUpload(tx, id),
  );
  const isTheirs =
    row && (caller.session === null ? row.kind === "import" : row.camera_id === caller.session.cameraId);
  if (!isTheirs) throw new Problem("not-found", "There is no such upload.");
  return row;
}

async function create({ ports, queue }: IngestRoutesGiven, request: FastifyRequest): Promise<string> {
  // "If the Upload-Length header … [is] not present the Server MUST [not know the length]": deferring it is not offered.
  const lengthBytes = valueOf(readByteCount("Upload-Length", request.headers["upload-length"]));
  if (lengthBytes === 0)
    throw new Problem("request-invalid", "There is nothing to send: Upload-Length is 0.");
  // "If the length of the upload exceeds the maximum, … the Server MUST respond with the 413 Request Entity Too Large status."
  if (lengthBytes > TUS_MAX_SIZE_BYTES)
    throw new Problem("body-too-large", "The recording is larger than 48 GiB.");
  const metadata = valueOf(readMetadata(request.headers["upload-metadata"]));
  const caller = callerOf(request);
  const kind = metadata.get(IMPORT_METADATA_KEY);
  if (caller.personId !== null && kind !== "untrusted-camera") {
    if (kind !== "file")
      throw new Problem("request-invalid", "A person's upload is an import: say `import` in the metadata.");
    const { forceId, personId } = caller;
    return locationOf(
      await createImport(ports, { forceId, personId }, { ...valueOf(readFileUpload(metadata)), lengthBytes }),
    );
  }
  const order = valueOf(readCameraUpload(metadata));
  const created = await createCameraUpload(ports, caller, { ...order, lengthBytes });
  // What a dock brought before the loss may be all that a person has.
  if (caller.personId !== null && created.outcome === "created")
    void queue.finish(caller.forceId, created.upload);
  return locationOf(created);
}

function locationOf(created: Created): string {
  switch (created.outcome) {
    case "created":
    case "complete":
      return `/v1/uploads/${created.upload}`;
    case "not-sealed":
      throw new Problem("not-sealed", created.reason);
    case "camera-trusted":
      throw new Problem("conflict", created.reason);
    default:
      throw new Problem("not-processable", created.reason);
  }
}

async function patch(given: IngestRoutesGiven, request: FastifyRequest, id: string): Promise<number> {
  const { ports, queue } = given;
  const caller = callerOf(request);
  // "All PATCH requests MUST use Content-Type: application/offset+octet-stream, otherwise the server SHOULD return a
  // 415 Unsupported Media Type status."
  if (request.headers["content-type"] !== OFFSET_MEDIA_TYPE || !(request.body instanceof Readable)) {
    throw new Problem("media-type-unsupported", `Send the bytes as ${OFFSET_MEDIA_TYPE}.`);
  }
  const offsetBytes = valueOf(readByteCount("Upload-Offset", request.headers["upload-offset"]));
  const length = request.headers["content-length"];
  const bodyBytes = length === undefined ? null : valueOf(readByteCount("Content-Length", length));
  const upload = await uploadOf(ports, caller, id);
  if (upload.state === "refused") throw new Problem("gone", upload.problem ?? "The upload was refused.");
  const { forceId } = caller;
  const received = await receiveUpload(ports, {
    forceId,
    upload,
    offsetBytes,
    bodyBytes,
    body: request.body,
  });
  if (received.outcome !== "received") {
    // "If the offsets do not match, the Server MUST respond with the 409 Conflict status without modifying the upload."
    const { code, detail, headers } = refusalOf(received);
    throw new Problem(code, detail, headers === undefined ? {} : { headers });
  }
  if (received.complete) void queue.finish(forceId, id);
  return received.offsetBytes;
}

function registerUploads(app: HttpApp, access: RouteAccess, given: IngestRoutesGiven): void {
  const { ports } = given;
  const guarded = { onRequest: [speakTus, eitherAccess(access, given.dockAccess)] };
  const common = { tags, security: [{ apiKey: [] }, {}] };

  for (const url of ["/v1/uploads", "/v1/uploads/:upload"]) {
    app.options(url, { schema: { hide: true } }, (_request, reply) =>
      // "The Server MUST include the Tus-Version header" and may name its extensions and largest size.
      reply
        .code(204)
        .headers({
          "tus-resumable": TUS_VERSION,
          "tus-version": TUS_VERSION,
          "tus-extension": TUS_EXTENSIONS,
          "tus-max-size": TUS_MAX_SIZE_BYTES.toString(),
        })
        .send(),
    );
  }

  app.post(
    "/v1/uploads",
    {
      ...guarded,
      schema: {
        ...common,
        operationId: "createUpload",
        summary: "Begin an upload (tus creation), or find the one there is",
        response: { 201: Type.Null(), "4xx": ProblemSchema },
      },
    },
    // "The Server MUST acknowledge a successful upload creation with the 201 Created status [and] set the Location header."
    async (request, reply) =>
      reply
        .code(201)
        .header("location", await create(given, request))
        .send(null),
  );

  app.head(
    "/v1/uploads/:upload",
    {
      ...guarded,
      schema: { ...common, operationId: "headUpload", summary: "How far an upload is (tus)", params },
    },
    async (request, reply) => {
      const upload = await uploadOf(ports, callerOf(request), request.params.upload);
      if (upload.state === "refused") throw new Problem("gone", upload.problem ?? "The upload was refused.");
      // "The Server MUST always include the Upload-Offset header in the response for a HEAD request … [and] MUST
      // prevent the client and/or proxies from caching the response by adding Cache-Control: no-store."
      return reply
        .code(200)
        .headers({
          "upload-offset": upload.offset_bytes.toString(),
          "upload-length": upload.length_bytes.toString(),
        })
        .send();
    },
  );

  app.patch(
    "/v1/uploads/:upload",
    {
      ...guarded,
      config: { slowBodyAllowed: true },
      schema: {
        ...common,
        operationId: "patchUpload",
        summary: "Send bytes (tus)",
        params,
        response: { 204: Type.Null(), "4xx": ProblemSchema, "5xx": ProblemSchema },
      },
    },
    async (request, reply) => {
      const offsetBytes = await patch(given, request, request.params.upload);
      // "The Server MUST acknowledge successful PATCH requests with the 204 No Content status. It MUST include the
      // Upload-Offset header containing the new offset."
      return reply.code(204).header("upload-offset", offsetBytes.toString()).send(null);
    },
  );

  app.get(
    "/v1/imports/:upload",
    {
      onRequest: [...access.staff],
      schema: {
        ...common,
        operationId: "getImport",
        summary: "What became of an import",
        params,
        response: { 200: UploadStatusSchema, "4xx": ProblemSchema },
      },
    },
    async (request) => {
      const { forceId, personId } = staffOf(request);
      const row = await uploadOf(ports, { forceId, personId, session: null }, request.params.upload);
      return {
        recording: row.recording_id,
        state: row.state,
        lengthBytes: row.length_bytes,
        offsetBytes: row.offset_bytes,
        problem: row.problem,
      };
    },
  );
}

export function uploadRoutes(given: IngestRoutesGiven): RegisterRoutes {
  return (app, access) => {
    app.addContentTypeParser(OFFSET_MEDIA_TYPE, (_request, payload, done) => {
      done(null, payload);
    });
    registerUploads(app, access, given);
  };
}
