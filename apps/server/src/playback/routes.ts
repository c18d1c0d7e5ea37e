// HTTP of playback for API keys: start a play, read the media, see the poster. Every first use is a ledger entry.
import {
  isId,
  PLAY_HEADER,
  PlayRequestSchema,
  PlaySchema,
  ProblemSchema,
  RecordingIdSchema,
  type PlayId,
  type RecordingId,
} from "@sworn/contract";
import type { FastifyRequest } from "fastify";
import Type from "typebox";
import { staffOf, type RegisterRoutes } from "../http/app.ts";
import { Problem } from "../http/problem.ts";
import { jpegSchema, leaseFor, orReport, refusePlay, sendMedia } from "./media-routes.ts";
import type { OpenRecordings } from "./open-recordings.ts";
import type { PlaySessions } from "./play-sessions.ts";
import type { PlaybackPorts } from "./ports.ts";
import { viewPoster } from "./read-poster.ts";
import { startPlay } from "./start-play.ts";
import type { StoredPlay } from "./store.ts";

const params = Type.Object({ recording: RecordingIdSchema });
const noStore = { "cache-control": "private, no-store" };

export function recordingPlayRoutes(
  ports: PlaybackPorts,
  open: OpenRecordings,
  sessions: PlaySessions,
): RegisterRoutes {
  return (app, access) => {
    const staff = [...access.staff];
    const describe = (operationId: string, summary: string) => ({
      operationId,
      summary,
      tags: ["playback"],
      security: [{ apiKey: [] }],
      params,
    });

    app.post(
      "/v1/recordings/:recording/plays",
      {
        onRequest: staff,
        schema: {
          ...describe("startPlay", "Start to view a recording: one entry in the ledger"),
          body: PlayRequestSchema,
          response: { 201: PlaySchema, "4xx": ProblemSchema },
        },
      },
      async (request, reply) => {
        const outcome = await startPlay(ports, staffOf(request), request.params.recording, {
          via: "page",
          ...request.body,
        });
        if (outcome.kind !== "started") throw refusePlay(outcome);
        const { play, row, code } = outcome;
        const base = `/play/${play.id}`;
        return reply
          .code(201)
          .headers(noStore)
          .send({
            play: play.id,
            recording: row.id,
            url: `${base}?code=${code ?? ""}`,
            playlist: row.format === "cmaf" ? `${base}/playlist.m3u8` : null,
            media: `${base}/media`,
            codeExpiresAt: (play.code_expires_at ?? play.expires_at).toISOString(),
            expiresAt: play.expires_at.toISOString(),
          });
      },
    );

    app.route({
      method: ["GET", "HEAD"],
      url: "/v1/recordings/:recording/media",
      onRequest: staff,
      schema: {
        ...describe(
          "getRecordingMedia",
          "The playable file, whole or a byte range; the first read is a view",
        ),
        response: { "4xx": ProblemSchema },
      },
      handler: async (request, reply) => {
        const play = await keyPlay(request, request.params.recording);
        void reply.header(PLAY_HEADER, play.id);
        await sendMedia(ports, request, reply, await leaseFor(ports, open, play));
      },
    });

    app.get(
      "/v1/recordings/:recording/poster",
      {
        onRequest: staff,
        schema: {
          ...describe(
            "getPoster",
            "A still of the recording; an entry in the ledger, once an hour and person",
          ),
          response: { 200: jpegSchema, "4xx": ProblemSchema },
        },
      },
      async (request, reply) => {
        const viewer = staffOf(request);
        const recordingId = request.params.recording;
        const outcome = await orReport(ports, { forceId: viewer.forceId, recordingId }, () =>
          viewPoster(ports, viewer, recordingId),
        );
        if (outcome.kind === "none") throw new Problem("not-found", "The recording has no poster (yet).");
        if (outcome.kind !== "poster") throw refusePlay(outcome);
        return reply.headers({ ...noStore, "content-type": "image/jpeg" }).send(outcome.jpeg);
      },
    );

    async function keyPlay(request: FastifyRequest, recordingId: RecordingId): Promise<StoredPlay> {
      const viewer = staffOf(request);
      const named = request.headers[PLAY_HEADER];
      if (named !== undefined) {
        const id = typeof named === "string" && isId(named) ? (named as PlayId) : null;
        const play = id === null ? null : await sessions.ofViewer(id, viewer, recordingId);
        if (play !== null) return play;
        throw new Problem(
          "not-allowed",
          `The ${PLAY_HEADER} header names no running play of yours of this recording.`,
        );
      }
      const running = await sessions.ofKey(viewer, recordingId);
      if (running !== null) return running;
      const outcome = await startPlay(ports, viewer, recordingId, { via: "api" });
      if (outcome.kind !== "started") throw refusePlay(outcome);
      return outcome.play;
    }
  };
}
