// HTTP of exports: begin one with recipient and purpose, then fetch its files and its master.
import {
  ExportFilesSchema,
  ExportIdSchema,
  ExportRequestSchema,
  ProblemSchema,
  RecordingExportSchema,
  RecordingIdSchema,
  type ExportId,
  type RecordingExport,
} from "@sworn/contract";
import type { FastifyReply, FastifyRequest } from "fastify";
import { Readable } from "node:stream";
import Type from "typebox";
import { staffOf, type RegisterRoutes } from "../http/app.ts";
import { Problem } from "../http/problem.ts";
import { LedgerFault } from "../ledger/index.ts";
import { exportFiles, masterName, type ExportSources } from "./export-files.ts";
import type { EvidencePorts } from "./ports.ts";
import { openExport, startExport } from "./start-export.ts";
import { openMaster } from "./stream-master.ts";
import type { ExportRow, RecordingRow } from "./store.ts";

const started = Type.Object({ recording: RecordingIdSchema, export: ExportIdSchema });

/** Invariant 4: what the ledger cannot take is refused. */
async function orLedgerDown<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    if (!(cause instanceof LedgerFault)) throw cause;
    const detail = "The ledger cannot take an entry now, so nothing is exported. Try again later.";
    throw new Problem("not-ready", detail, { headers: { "retry-after": "10" }, cause });
  }
}

function present(row: ExportRow, recording: RecordingRow): RecordingExport {
  return {
    id: row.id as ExportId,
    recording: row.recording_id,
    recipient: row.recipient,
    purpose: row.purpose,
    details: row.details,
    createdAt: row.created_at.toISOString(),
    expiresAt: row.expires_at.toISOString(),
    masterName: masterName(recording),
    masterBytes: recording.length_bytes ?? 0,
  };
}

const destroyed = (): Problem =>
  new Problem("gone", "The recording is destroyed, or ordered to be. Its certificate is at …/destruction.");

export function exportRoutes(ports: EvidencePorts, sources: ExportSources): RegisterRoutes {
  const opened = async (
    request: FastifyRequest<{ Params: { recording: RecordingRow["id"]; export: ExportId } }>,
  ): Promise<{ row: ExportRow; recording: RecordingRow }> => {
    const { recording, export: id } = request.params;
    const result = await orLedgerDown(openExport(ports, staffOf(request), recording, id));
    switch (result.outcome) {
      case "open":
        return result;
      case "not-found":
        throw new Problem("not-found", "You began no such export of this recording.");
      case "expired":
        throw new Problem("gone", "The export is over. Begin another, with its purpose.");
      case "destroyed":
        throw destroyed();
    }
  };
  const send = async (reply: FastifyReply, recording: RecordingRow): Promise<FastifyReply> => {
    const master = await openMaster(ports, recording);
    const length = master.lengthBytes === null ? {} : { "content-length": master.lengthBytes.toString() };
    return reply
      .headers({
        ...length,
        "content-disposition": `attachment; filename="${recording.id}-${masterName(recording)}"`,
        "cache-control": "no-store",
      })
      .type("video/mp4")
      .send(Readable.from(master.stream(), { objectMode: false, highWaterMark: 256 * 1024 }));
  };

  return (app, access) => {
    const staff = { onRequest: [...access.staff] };
    const describe = (operationId: string, summary: string) => ({
      operationId,
      summary,
      tags: ["evidence"],
      security: [{ apiKey: [] }],
    });

    app.post(
      "/v1/recordings/:recording/exports",
      {
        ...staff,
        schema: {
          ...describe("startExport", "Begin an export: who gets it, and what for"),
          params: Type.Object({ recording: RecordingIdSchema }),
          body: ExportRequestSchema,
          response: { 201: RecordingExportSchema, "4xx": ProblemSchema },
        },
      },
      async (request, reply) => {
        const result = await orLedgerDown(
          startExport(ports, staffOf(request), request.params.recording, request.body),
        );
        switch (result.outcome) {
          case "started":
            return reply.code(201).send(present(result.row, result.recording));
          case "not-found":
            throw new Problem("not-found", "There is no such recording in your force.");
          case "not-collected":
            throw new Problem("conflict", "The recording is not here yet.");
          case "destroyed":
            throw destroyed();
        }
      },
    );

    app.get(
      "/v1/recordings/:recording/exports/:export/files",
      {
        ...staff,
        schema: {
          ...describe("getExportFiles", "All files of an export but the master (evidence format §11)"),
          params: started,
          response: { 200: ExportFilesSchema, "4xx": ProblemSchema },
        },
      },
      async (request, reply) => {
        const { row, recording } = await opened(request);
        void reply.header("cache-control", "no-store");
        return orLedgerDown(exportFiles(ports, sources, recording, row));
      },
    );

    app.get(
      "/v1/recordings/:recording/exports/:export/master",
      { ...staff, schema: { ...describe("getExportMaster", "The master in plaintext"), params: started } },
      async (request, reply) => send(reply, (await opened(request)).recording),
    );
  };
}
