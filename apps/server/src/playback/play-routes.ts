// The player's page and what it loads, for a browser on this machine. A browser cannot send an API key, so it shows a
// one-time code once and then a cookie that reaches this one play only: HttpOnly, SameSite=Strict, Path=/play/<id>.
import { PlayIdSchema, ProblemSchema, type PlayId } from "@sworn/contract";
import type { FastifyReply, FastifyRequest } from "fastify";
import Type from "typebox";
import { staffOf, type RegisterRoutes, type RouteAccess } from "../http/app.ts";
import { Problem } from "../http/problem.ts";
import { withForce } from "../platform/database/database.ts";
import { makePlaylist } from "./make-playlist.ts";
import { jpegSchema, leaseFor, orReport, refusePlay, sendMedia } from "./media-routes.ts";
import type { OpenRecordings } from "./open-recordings.ts";
import { readPageAssets, type PageAsset } from "./page/page-assets.ts";
import { renderPage, renderRefusal } from "./page/render-page.ts";
import type { PlaySessions } from "./play-sessions.ts";
import type { PlaybackPorts } from "./ports.ts";
import { readPoster } from "./read-poster.ts";
import { shortRanges } from "./short-range-routes.ts";
import { playValidMs } from "./start-play.ts";
import { cameraName, findPoster, type StoredPlay } from "./store.ts";

const cookieName = "sworn-play";
const mediaRoute = "/play/:play/media";
const pagePolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  // hls.js hands the browser its buffers as a blob.
  "media-src 'self' blob:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

const notYours = "This viewing is over, or it was opened elsewhere. Start it again to get a new address.";

function cookieOf({ headers }: Pick<FastifyRequest, "headers">): string {
  for (const pair of (headers.cookie ?? "").split(";")) {
    const [name, value = ""] = pair.trim().split("=", 2);
    if (name === cookieName) return value;
  }
  return "";
}

function cookieFor(request: FastifyRequest, id: PlayId, token: string): string {
  const seconds = Math.floor(playValidMs / 1000);
  const secure = request.protocol === "https" ? "; Secure" : "";
  return `${cookieName}=${token}; Path=/play/${id}; Max-Age=${seconds}; HttpOnly; SameSite=Strict${secure}`;
}

const params = Type.Object({ play: PlayIdSchema });
const noStore = { "cache-control": "private, no-store" };

export function playRoutes(
  ports: PlaybackPorts,
  open: OpenRecordings,
  sessions: PlaySessions,
): RegisterRoutes {
  return (app, access) => {
    registerPage(app, access, { ports, open, sessions });
    registerContent(app, access, { ports, open, sessions });
    access.shortcut({
      prefix: "/play/",
      route: mediaRoute,
      answer: shortRanges(open, (id, request) => sessions.knownOfToken(id, cookieOf(request))),
    });
  };
}

interface Given {
  readonly ports: PlaybackPorts;
  readonly open: OpenRecordings;
  readonly sessions: PlaySessions;
}
type App = Parameters<RegisterRoutes>[0];

function sendPage(reply: FastifyReply, html: string): FastifyReply {
  return reply
    .headers({
      ...noStore,
      "content-security-policy": pagePolicy,
      "content-type": "text/html; charset=utf-8",
    })
    .send(html);
}

function registerPage(app: App, access: RouteAccess, { ports, open, sessions }: Given): void {
  let assets: Promise<ReadonlyMap<string, PageAsset>> | undefined;
  app.get(
    "/play/assets/:name",
    { schema: { hide: true, params: Type.Object({ name: Type.String({ maxLength: 40 }) }) } },
    async (request, reply) => {
      const asset = (await (assets ??= readPageAssets())).get(request.params.name);
      if (asset === undefined) throw new Problem("not-found", "There is nothing at this address.");
      void reply.headers({ "cache-control": "no-cache", etag: asset.etag, "content-type": asset.mediaType });
      return request.headers["if-none-match"] === asset.etag
        ? reply.code(304).send()
        : reply.send(asset.bytes);
    },
  );

  app.get(
    "/play/:play",
    {
      onRequest: [...access.loopback],
      schema: {
        hide: true,
        params,
        querystring: Type.Object({ code: Type.Optional(Type.String({ maxLength: 100 })) }),
      },
    },
    async (request, reply) => {
      const id = request.params.play;
      const play = await sessions.ofToken(id, cookieOf(request));
      if (request.query.code !== undefined) {
        // The code leaves the address bar and the history at once.
        const opened = play === null ? await sessions.open(id, request.query.code) : null;
        if (opened !== null) void reply.header("set-cookie", cookieFor(request, id, opened.token));
        if (opened !== null || play !== null) return reply.headers(noStore).redirect(`/play/${id}`, 303);
      }
      if (play === null)
        return sendPage(reply.code(403), renderRefusal("This viewing cannot be opened", notYours));
      return showPage(reply, play);
    },
  );

  async function showPage(reply: FastifyReply, play: StoredPlay): Promise<FastifyReply> {
    let lease: Awaited<ReturnType<typeof leaseFor>>;
    try {
      lease = await leaseFor(ports, open, play);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      return sendPage(
        reply.code(error.statusCode),
        renderRefusal("This recording cannot be played", error.message),
      );
    }
    lease.release();
    const { row } = lease;
    const facts = await withForce(
      ports.database,
      { forceId: play.force_id, personId: play.person_id },
      async (tx) => ({
        cameraName: await cameraName(tx, row),
        hasPoster: (await findPoster(tx, row.id)) !== undefined,
      }),
    );
    const base = `/play/${play.id}`;
    const html = renderPage({
      row,
      cameraName: facts.cameraName,
      mediaPath: `${base}/media`,
      playlistPath: row.format === "cmaf" ? `${base}/playlist.m3u8` : null,
      posterPath: facts.hasPoster ? `${base}/poster` : null,
    });
    return sendPage(reply, html);
  }
}

function registerContent(app: App, access: RouteAccess, { ports, open, sessions }: Given): void {
  // A program may come with its API key instead of the cookie.
  const onRequest = [
    ...access.loopback,
    async function (this: App, request: FastifyRequest, reply: FastifyReply): Promise<void> {
      if (request.headers.authorization === undefined) return;
      for (const hook of access.staff) await hook.call(this, request, reply);
    },
  ];
  const playOf = async (request: FastifyRequest<{ Params: { play: PlayId } }>): Promise<StoredPlay> => {
    const id = request.params.play;
    const play =
      request.staff === null
        ? await sessions.ofToken(id, cookieOf(request))
        : await sessions.ofViewer(id, staffOf(request));
    if (play === null) throw new Problem("not-allowed", notYours);
    return play;
  };
  const describe = (operationId: string, summary: string) => ({
    operationId,
    summary,
    tags: ["playback"],
    params,
  });
  const refusals = { "4xx": ProblemSchema };

  app.route({
    method: ["GET", "HEAD"],
    url: mediaRoute,
    onRequest,
    schema: {
      ...describe("getPlayMedia", "The playable file of a play, whole or a byte range"),
      response: refusals,
    },
    handler: async (request, reply) => {
      const play = await playOf(request);
      await sendMedia(ports, request, reply, await leaseFor(ports, open, play));
    },
  });

  app.get(
    "/play/:play/playlist.m3u8",
    {
      onRequest,
      schema: {
        ...describe("getPlayPlaylist", "The HLS playlist of a play"),
        response: { 200: Type.String(), ...refusals },
      },
    },
    async (request, reply) => {
      const lease = await leaseFor(ports, open, await playOf(request));
      lease.release();
      const playlist = makePlaylist(lease.row, lease.media.map, "media");
      if (playlist === null)
        throw new Problem("not-found", "This footage has no fragments: play the file itself.");
      return reply.headers({ ...noStore, "content-type": "application/vnd.apple.mpegurl" }).send(playlist);
    },
  );

  app.get(
    "/play/:play/poster",
    {
      onRequest,
      schema: {
        ...describe("getPlayPoster", "A still of the recording of a play"),
        response: { 200: jpegSchema, ...refusals },
      },
    },
    async (request, reply) => {
      const lease = await leaseFor(ports, open, await playOf(request));
      lease.release();
      const { row } = lease;
      const outcome = await orReport(ports, { forceId: row.force_id, recordingId: row.id }, () =>
        readPoster(ports, row),
      );
      if (outcome.kind === "none") throw new Problem("not-found", "There is no poster.");
      if (outcome.kind !== "poster") throw refusePlay(outcome);
      return reply.headers({ ...noStore, "content-type": "image/jpeg" }).send(outcome.jpeg);
    },
  );
}
