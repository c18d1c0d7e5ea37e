// What anybody may have of a force: its anchor, ingest key, revocation list and the key of its ledger.
import { ForceIdSchema, type ForceId } from "@sworn/contract";
import { encodePem, parseId } from "@sworn/custody";
import Type from "typebox";
import { AuthorityError } from "../authority/index.ts";
import type { RegisterRoutes } from "../http/app.ts";
import { Problem } from "../http/problem.ts";
import type { DevicePorts } from "./ports.ts";
import { RevocationLists } from "./revocation-lists.ts";

interface PublicFile {
  readonly name: string;
  readonly operationId: string;
  readonly summary: string;
  readonly mediaType: string;
  readonly read: (forceId: ForceId) => Promise<Uint8Array | string>;
}

export function publicForceRoutes(ports: DevicePorts): RegisterRoutes {
  const lists = new RevocationLists(ports);
  const files: readonly PublicFile[] = [
    {
      name: "anchor.pem",
      operationId: "getAnchor",
      summary: "The force's anchor (X.509, PEM)",
      mediaType: "application/x-pem-file",
      read: async (forceId) => {
        const authority = await ports.authorities.of(parseId(forceId));
        return encodePem("CERTIFICATE", authority.anchor.der);
      },
    },
    {
      name: "ingest-key",
      operationId: "getIngestKey",
      summary: "The signed key to which cameras seal recording keys (evidence format §5)",
      mediaType: "application/cose",
      read: async (forceId) => {
        const authority = await ports.authorities.of(parseId(forceId));
        return (await authority.ingestKeys.current(ports.clock.nowMs())).statement;
      },
    },
    {
      name: "revoked.crl",
      operationId: "getRevocationList",
      summary: "The force's revocation list (RFC 5280 §5, DER)",
      mediaType: "application/pkix-crl",
      read: (forceId) => lists.current(forceId),
    },
    {
      name: "ledger.vkey",
      operationId: "getLedgerKey",
      summary: "The key of the force's ledger (C2SP signed-note verifier key)",
      mediaType: "text/plain; charset=utf-8",
      read: async (forceId) => `${await ports.ledger.verifierKey(forceId)}\n`,
    },
  ];
  return (app) => {
    for (const { name, operationId, summary, mediaType, read } of files) {
      app.get(
        `/v1/forces/:force/${name}`,
        {
          schema: {
            operationId,
            summary,
            tags: ["devices"],
            params: Type.Object({ force: ForceIdSchema }),
          },
        },
        async (request, reply) => {
          try {
            const body = await read(request.params.force);
            return await reply.type(mediaType).header("cache-control", "no-cache").send(body);
          } catch (error) {
            if (!(error instanceof AuthorityError) || error.code !== "authority-missing") throw error;
            throw new Problem("not-found", "There is no such force on this server.", { cause: error });
          }
        },
      );
    }
  };
}
