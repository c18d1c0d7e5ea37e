// A run by hand: the person who ordered it is in the ledger before anything goes.
import type { ForceId, PersonId, RetentionRun } from "@sworn/contract";
import { parseId } from "@sworn/custody";
import { withForce } from "../platform/database/database.ts";
import type { RetentionPorts } from "./ports.ts";
import { runRetention } from "./run-retention.ts";

export async function orderRun(
  ports: RetentionPorts,
  actor: { readonly forceId: ForceId; readonly personId: PersonId },
): Promise<RetentionRun> {
  await withForce(ports.database, actor, (tx) =>
    ports.ledger.stage(tx, {
      event: "retention-run-ordered",
      actor: { person: parseId(actor.personId) },
      data: {},
    }),
  );
  return runRetention(ports, actor.forceId);
}
