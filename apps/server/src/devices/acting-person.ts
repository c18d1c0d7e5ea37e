// Who acts, as a ledger entry names them.
import { parseId } from "@sworn/custody";
import type { Actor } from "../platform/database/database.ts";

/** A person, or the server itself where none acts. */
export function actingPerson(actor: Actor): { readonly person: Uint8Array } | { readonly system: string } {
  return actor.personId === null ? { system: "sworn" } : { person: parseId(actor.personId) };
}
