// How a database stands to its change log. A crash between the log's sync and the database's commit leaves the log ahead,
// and then the database still holds, not given away, each change that it lacks: nothing else looks like that.
import type { ForceId } from "@sworn/contract";
import type { ForceTransaction } from "../platform/database/database.ts";
import { ChangeFile, listEpochs } from "./change-file.ts";
import { idsOf } from "./change-frame.ts";
import { readChangeKey, type ChangeKeyRing } from "./change-keys.ts";
import { holdsAll, type ChangeHead } from "./changes-store.ts";
import { readSteps, type OpenedLog } from "./read-log.ts";

export type Standing =
  /** The same place, perhaps once `given` has been taken out of the database. */
  | { readonly kind: "level"; readonly given: readonly number[]; readonly frame: number }
  /** The database was restored: the log knows more. */
  | { readonly kind: "behind" };

/** The newest file of a force's log, or null where there is none. */
export async function openNewest(
  given: { readonly folder: string; readonly keys: Pick<ChangeKeyRing, "get"> },
  forceId: ForceId,
  access: "read" | "append",
): Promise<OpenedLog | null> {
  const epoch = (await listEpochs(given.folder)).at(-1);
  if (epoch === undefined) return null;
  const key = await readChangeKey(given.keys, forceId, epoch);
  return { forceId, key, file: await ChangeFile.open(given.folder, epoch, access) };
}

export async function compareLog(
  tx: ForceTransaction,
  log: OpenedLog,
  head: ChangeHead | null,
): Promise<Standing> {
  const isSameFile = head?.epoch === log.file.epoch;
  let frame = isSameFile ? head.frame : 0;
  const given: number[] = [];
  for await (const step of readSteps(log, frame)) {
    const [first] = step.frames;
    if (frame === 0 && !follows(head, first?.from ?? null)) return { kind: "behind" };
    const ids = step.frames.flatMap(idsOf);
    const isChange = step.frames.some(({ kind, changes }) => kind === "changes" && changes.length > 0);
    if ((isChange && ids.length === 0) || !(await holdsAll(tx, ids))) return { kind: "behind" };
    given.push(...ids);
    frame = step.frame;
  }
  return { kind: "level", given, frame };
}

/** A new file was named, and the database did not learn of it. A database without a head is a lost one. */
function follows(head: ChangeHead | null, from: ChangeHead | null): boolean {
  return head !== null && head.epoch === from?.epoch && head.frame === from.frame;
}
