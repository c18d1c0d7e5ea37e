// Who may call a route: this machine only, and people with a valid API key. The address is the socket's, never a
// header's; a request that a proxy forwarded is not this machine's, whatever address the proxy itself has.
import type { IncomingMessage } from "node:http";
import type { FastifyRequest } from "fastify";
import { isLoopback } from "../platform/configuration.ts";
import type { RouteAccess, Shortcut, Staff } from "./app.ts";
import { Problem } from "./problem.ts";

/** What the people capability says about a key's secret. */
export type KeyVerdict =
  | { readonly outcome: "known"; readonly staff: Staff }
  | { readonly outcome: "unknown" | "expired" | "revoked" };

export type FindKey = (secret: string) => Promise<KeyVerdict>;

const forwardedHeaders = ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via"];

/** Whether a request comes straight from a program on this machine. */
export function isFromThisMachine(request: Pick<IncomingMessage, "socket" | "headers">): boolean {
  const remote = request.socket.remoteAddress;
  if (remote === undefined || !isLoopback(remote)) return false;
  return forwardedHeaders.every((name) => request.headers[name] === undefined);
}

function checkLoopback(request: FastifyRequest): Promise<void> {
  if (isFromThisMachine(request)) return Promise.resolve();
  const detail = "Staff endpoints answer on the server's own machine only, and not through a proxy.";
  return Promise.reject(new Problem("loopback-only", detail));
}

const refusals = {
  unknown: "The API key is not known here. Check that all of it was copied.",
  expired: "The API key has expired. Ask an administrator of your force for a new one.",
  revoked: "The API key was revoked. Ask an administrator of your force for a new one.",
} as const;

async function authenticate(request: FastifyRequest, findKey: FindKey): Promise<void> {
  const header = request.headers.authorization;
  const challenge = { "www-authenticate": 'Bearer realm="sworn"' };
  if (header === undefined) {
    throw new Problem("key-missing", "Send an API key: Authorization: Bearer swk_…", { headers: challenge });
  }
  const secret = /^Bearer +(\S{1,200})$/i.exec(header)?.[1];
  const verdict = secret === undefined ? ({ outcome: "unknown" } as const) : await findKey(secret);
  if (verdict.outcome !== "known") {
    throw new Problem("key-invalid", refusals[verdict.outcome], { headers: challenge });
  }
  request.staff = verdict.staff;
}

/** The hooks that routes choose from; the shortcuts that they add go into `shortcuts`. */
export function routeAccess(findKey: FindKey, shortcuts: Shortcut[]): RouteAccess {
  const loopback = (request: FastifyRequest): Promise<void> => checkLoopback(request);
  return {
    loopback: [loopback],
    staff: [loopback, (request) => authenticate(request, findKey)],
    shortcut: (shortcut) => {
      shortcuts.push(shortcut);
    },
  };
}
