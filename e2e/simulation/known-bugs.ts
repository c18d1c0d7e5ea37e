// Known bugs, put into the ports that the simulation carries, never into the product: the simulator must find each.
import type { HttpAnswer } from "@sworn/client";
import type { Vault } from "../../apps/server/src/open-vault.ts";
import type { Omission } from "./machine/machine.ts";
import type { SentRequest } from "./network/duplex-link.ts";

export interface KnownBug {
  readonly name: string;
  readonly serverOmits?: Omission;
  readonly cameraOmits?: Omission;
  readonly wrapStore?: (store: Vault["store"]) => Vault["store"];
  /** Answers a request before the server has seen it; the server sees it later, if it lives. */
  readonly answerEarly?: (request: SentRequest) => HttpAnswer | null;
  /** The retention run does not see the holds. */
  readonly ignoresHolds?: boolean;
  /** The camera's media goes once it is sent, not once it is receipted. */
  readonly freesWhenSent?: boolean;
}

function answerHold(request: SentRequest): HttpAnswer | null {
  if (request.method !== "POST" || !request.url.endsWith("/v1/holds")) return null;
  const asked = JSON.parse(request.body.toString("utf8")) as Record<string, unknown>;
  const body = { hold: asked, caught: 1, ordersCancelled: [], tooLate: [] };
  return { status: 201, header: () => "application/json", body: Buffer.from(JSON.stringify(body)) };
}

const omit =
  (begin: string, ...areas: readonly string[]): Omission =>
  (act, path) =>
    act.startsWith(begin) && areas.some((area) => path.includes(area));

export const knownBugs: readonly KnownBug[] = [
  { name: "skip-folder-sync", serverOmits: omit("sync-folder", "/objects/") },
  { name: "skip-file-sync", serverOmits: omit("sync-file", "/objects/", "/tmp/") },
  { name: "camera-skips-sync", cameraOmits: omit("sync-f", "/camera/") },
  { name: "answer-before-commit", answerEarly: answerHold },
  { name: "ignore-holds", ignoresHolds: true },
  { name: "free-before-receipt", freesWhenSent: true },
];
