// The keys under which a camera's personal details lie that belong to no recording: one for each camera and month of
// arrival, in the key ring. Destroying one shreds the details of that month; the chain verifies as before.
import type { KeyRing } from "@sworn/vault";
import { DockingFault } from "./docking-fault.ts";

/** The part of the key ring that is needed here. */
export type JournalKeyRing = Pick<KeyRing, "get" | "put" | "delete">;

export interface JournalRule {
  readonly version: number;
  readonly periodDays: number;
  readonly citation: string;
}

/** What a force begins with; its rules are rows, and every key keeps the one that it was made under. */
export const defaultJournalRule: JournalRule = {
  version: 1,
  periodDays: 2_557,
  citation:
    "DPA 2018 s.39(1), no longer than necessary: who wore the camera is needed while an act of theirs can be complained of or sued upon, Limitation Act 1980 s.2, six years, and one more for what is begun on the last day. Not read at its source; check before relying on it.",
};

const DAY_MS = 86_400_000;

/** The month of an instant, UTC: `yyyy-mm`. */
export function monthOf(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 7);
}

/** From the first instant of a month until the first of the next. */
export function monthBounds(month: string): { readonly fromMs: number; readonly untilMs: number } {
  const [year = 0, number = 1] = month.split("-").map(Number);
  return { fromMs: Date.UTC(year, number - 1, 1), untilMs: Date.UTC(year, number, 1) };
}

/** The period counts from the end of the month: nothing in it is kept shorter. */
export function journalKeyDueMs(month: string, { periodDays }: JournalRule): number {
  return monthBounds(month).untilMs + periodDays * DAY_MS;
}

export function journalKeyId(camera: string, month: string): string {
  return `journal/${camera}/${month}`;
}

export function isJournalKeyOf(camera: string, id: string): boolean {
  const prefix = `journal/${camera}/`;
  return id.startsWith(prefix) && /^[0-9]{4}-[0-9]{2}$/.test(id.slice(prefix.length));
}

/** The key, made where there is none; on the disks of both places on return. @throws DockingFault `journal-key-destroyed` */
export async function makeJournalKey(ring: JournalKeyRing, id: string): Promise<Uint8Array> {
  const found = await ring.get(id);
  if (found.kind === "key") return found.key;
  if (found.kind === "unknown") {
    const key = crypto.getRandomValues(new Uint8Array(32));
    const put = await ring.put(id, key);
    if (put.kind === "stored" || put.kind === "present") return key;
    // Another segment of this camera made it at the same moment: that one is the key.
    const other = await ring.get(id);
    if (other.kind === "key") return other.key;
  }
  throw new DockingFault(
    "journal-key-destroyed",
    `The key ${id} was destroyed: is the server's clock right?`,
  );
}
