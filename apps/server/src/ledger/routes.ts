// The public log over HTTP, by the paths of C2SP tlog-tiles. No key is needed and nothing here names anybody.
import { ForceIdSchema, ProblemSchema } from "@sworn/contract";
import { parseTilePath } from "@sworn/ledger";
import Type from "typebox";
import { AuthorityError } from "../authority/index.ts";
import type { RegisterRoutes } from "../http/app.ts";
import { Problem } from "../http/problem.ts";
import type { Ledger } from "./open-ledger.ts";

const tags = ["ledger"];
/** A tile never changes once it has a name. */
const FOREVER = "public, max-age=31536000, immutable";

async function orNotFound<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof AuthorityError && error.code === "authority-missing") {
      throw new Problem("not-found", "This server has no log of that force.");
    }
    throw error;
  }
}

export function ledgerRoutes(ledger: Ledger): RegisterRoutes {
  return (app) => {
    app.get(
      "/ledger/:force/checkpoint",
      {
        schema: {
          operationId: "getCheckpoint",
          summary: "The signed head of a force's log (C2SP tlog-checkpoint)",
          tags,
          params: Type.Object({ force: ForceIdSchema }),
          response: { 200: Type.String(), "4xx": ProblemSchema },
        },
      },
      async (request, reply) => {
        const head = await orNotFound(ledger.head(request.params.force));
        if (head.note === null) throw new Problem("not-found", "The log is still empty.");
        return reply.type("text/plain; charset=utf-8").header("cache-control", "no-cache").send(head.note);
      },
    );

    app.get(
      "/ledger/:force/tile/*",
      {
        schema: {
          operationId: "getTile",
          summary: "A tile or entry bundle of a force's log (C2SP tlog-tiles)",
          tags,
          params: Type.Object({ force: ForceIdSchema }),
        },
      },
      async (request, reply) => {
        // The schema compiler cannot name the wildcard; the path has a parser of its own.
        const path = `tile/${(request.params as { "*"?: string })["*"] ?? ""}`;
        const parsed = parseTilePath(path);
        if (!parsed.ok) throw new Problem("not-found", `No tile has that path: ${parsed.message}.`);
        const bytes = await orNotFound(ledger.readPublic(request.params.force, path));
        if (!bytes)
          throw new Problem("not-found", "The log has not grown to that tile, or a fuller one replaced it.");
        return reply.type("application/octet-stream").header("cache-control", FOREVER).send(bytes);
      },
    );
  };
}
