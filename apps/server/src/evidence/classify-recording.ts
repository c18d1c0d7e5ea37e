// A person says what a recording shows, which sets how long it is kept. Entered in the ledger, with what stood before.
import type { PersonId, RecordingId } from "@sworn/contract";
import { parseId } from "@sworn/custody";
import { withForce, type Actor, type ForceTransaction } from "../platform/database/database.ts";
import type { EvidencePorts } from "./ports.ts";
import { lockRecording, updateRecording, type RecordingRow } from "./store.ts";

/** Whether the force has such a retention class. */
export type IsClass = (tx: ForceTransaction, name: string) => Promise<boolean>;

export type Classified =
  | { readonly outcome: "classified"; readonly row: RecordingRow }
  | { readonly outcome: "not-found" | "no-such-class" | "destroyed" };

export async function classifyRecording(
  ports: EvidencePorts & { readonly isClass: IsClass },
  actor: Actor & { readonly personId: PersonId },
  recording: RecordingId,
  order: { readonly class: string | null; readonly incident?: string | null },
): Promise<Classified> {
  return withForce<Classified>(ports.database, actor, async (tx) => {
    const row = await lockRecording(tx, recording);
    if (row === undefined) return { outcome: "not-found" };
    if (row.state === "destroyed" || row.state === "destroy-ordered") return { outcome: "destroyed" };
    if (order.class !== null && !(await ports.isClass(tx, order.class))) return { outcome: "no-such-class" };
    const incident = order.incident === undefined ? row.incident : order.incident;
    if (row.class === order.class && row.incident === incident) return { outcome: "classified", row };
    const fields = {
      class: order.class,
      incident,
      classified_at: new Date(ports.clock.nowMs()),
      classified_by: actor.personId,
      // Whoever is responsible was warned of another class's period.
      warned_at: null,
    };
    await updateRecording(tx, recording, fields);
    await ports.ledger.stage(tx, {
      event: "recording-classified",
      actor: { person: parseId(actor.personId) },
      recording: parseId(recording),
      data: { class: order.class, incident, classBefore: row.class, incidentBefore: row.incident },
    });
    return { outcome: "classified", row: { ...row, ...fields } };
  });
}
