// Hooks for routes that docks call: they refuse whatever is not signed, timely and within its session.
import { SESSION_HEADER, TIME_HEADER } from "@sworn/contract";
import type { FastifyRequest, onRequestAsyncHookHandler } from "fastify";
import { Problem } from "../http/problem.ts";
import {
  SIGNATURE_WINDOW_MS,
  checkDockRequest,
  type DockCaller,
  type DockCheckPorts,
  type DockSession,
  type SessionNeed,
} from "./check-dock-request.ts";
import { ReplayGuard } from "./replay-guard.ts";

const callers = new WeakMap<FastifyRequest, DockCaller>();

/** Gives the `onRequest` hooks of a route by what it needs: no session, a session, or one that the camera opened. */
export type DockAccess = (need: SessionNeed) => onRequestAsyncHookHandler[];

/** One for the whole server, so that a signature counts once for all routes. */
export function dockAccess(ports: Omit<DockCheckPorts, "replays">): DockAccess {
  const replays = new ReplayGuard(2 * SIGNATURE_WINDOW_MS);
  return (need) => [
    async (request) => {
      const { method, originalUrl: target, headers } = request;
      const verdict = await checkDockRequest({ ...ports, replays }, { method, target, headers }, need);
      if (verdict.outcome === "known") {
        callers.set(request, verdict.caller);
        return;
      }
      const isLate = verdict.outcome === "signature-untimely";
      throw new Problem(verdict.outcome, verdict.detail, {
        headers: {
          ...(isLate ? { [TIME_HEADER]: ports.clock.nowMs().toString() } : {}),
          ...(verdict.outcome.startsWith("signature-")
            ? { "www-authenticate": 'Signature realm="sworn"' }
            : {}),
        },
      });
    },
  ];
}

/** The dock that calls. On a route without `dockAccess` there is none, which is a fault of the route. */
export function dockOf(request: FastifyRequest): DockCaller {
  const caller = callers.get(request);
  if (caller === undefined)
    throw new TypeError(`the route ${request.routeOptions.url ?? ""} has no dock access`);
  return caller;
}

/** The session within which a dock calls. On a route that needs none there is none, which is a fault of the route. */
export function sessionOf(request: FastifyRequest): DockSession {
  const { session } = dockOf(request);
  if (session === null)
    throw new TypeError(`the route ${request.routeOptions.url ?? ""} needs no ${SESSION_HEADER}`);
  return session;
}
