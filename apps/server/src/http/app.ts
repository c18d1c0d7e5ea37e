// The types that routes are written against, and what a capability gives and gets to have its routes served.
import type { ApiKeyId, ForceId, PersonId } from "@sworn/contract";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import type {
  FastifyBaseLogger,
  FastifyInstance,
  FastifyRequest,
  onRequestAsyncHookHandler,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from "fastify";
import { PlatformError } from "../platform/platform-error.ts";
import { Problem } from "./problem.ts";

export type HttpApp = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

/** The person whose API key came with a request. */
export interface Staff {
  readonly forceId: ForceId;
  readonly personId: PersonId;
  readonly keyId: ApiKeyId;
  readonly isAdministrator: boolean;
}

/** Hooks for a route's `onRequest`: who may call it. */
export interface RouteAccess {
  /** Anybody on this machine. */
  readonly loopback: readonly onRequestAsyncHookHandler[];
  /** A person with a valid API key, on this machine. Then `staffOf(request)` says who. */
  readonly staff: readonly onRequestAsyncHookHandler[];
  /** Adds a short way to a route that comes very often. */
  shortcut(shortcut: Shortcut): void;
}

/** Answers some requests of a route itself, before the framework sees them. */
export interface Shortcut {
  /** How the addresses of the route begin. */
  readonly prefix: string;
  /** The route's pattern, for log and metrics. */
  readonly route: string;
  /** Says at once whether it takes the request; what it took it answers with `head` first, or gives back untouched. */
  answer(request: IncomingMessage, response: ServerResponse, way: ShortWay): boolean;
}

export interface ShortWay {
  /** Names and values that every answer carries; to be called once, for the answer. */
  head(): string[];
  /** Lets the route answer. Nothing may have been written. */
  giveBack(): void;
}

/** What a capability gives to have its routes served. */
export type RegisterRoutes = (app: HttpApp, access: RouteAccess) => void;

declare module "fastify" {
  interface FastifyRequest {
    staff: Staff | null;
  }
  interface FastifyContextConfig {
    /** For routes that take long bodies and mind slow clients themselves. */
    slowBodyAllowed?: boolean;
  }
}

/** Who calls. On a route without `access.staff` there is nobody, which is a fault of the route. */
export function staffOf(request: FastifyRequest): Staff {
  if (request.staff === null)
    throw new PlatformError("invalid-use", `the route ${request.routeOptions.url ?? ""} has no staff access`);
  return request.staff;
}

/** Refuses anybody who does not administer their force. */
export function administratorOf(request: FastifyRequest): Staff {
  const staff = staffOf(request);
  if (staff.isAdministrator) return staff;
  throw new Problem("not-allowed", "Only an administrator of the force may do this. Ask one.");
}
