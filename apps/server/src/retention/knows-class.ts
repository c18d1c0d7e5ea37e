// Whether a classification names a class of the force, for the capability that classifies.
import type { ForceTransaction } from "../platform/database/database.ts";
import { readClass } from "./classes-store.ts";

export async function knowsClass(tx: ForceTransaction, key: string): Promise<boolean> {
  return (await readClass(tx, key)) !== undefined;
}
