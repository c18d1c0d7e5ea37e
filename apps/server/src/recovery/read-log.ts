// Reads the change log of a force behind a frame: whole steps only. What a crash cut off at the end is left out; a frame in
// the middle that does not open is damage, and nothing behind it is taken for the truth.
import type { ForceId } from "@sworn/contract";
import { parseId } from "@sworn/custody";
import type { ChangeFile } from "./change-file.ts";
import { openFrame, type ChangeFrame } from "./change-frame.ts";
import { RecoveryFault } from "./recovery-fault.ts";

export interface OpenedLog {
  readonly forceId: ForceId;
  readonly file: ChangeFile;
  readonly key: Uint8Array;
}

export interface Step {
  /** The number of its last frame. */
  readonly frame: number;
  readonly frames: readonly ChangeFrame[];
}

export async function readFrame(log: OpenedLog, frame: number): Promise<ChangeFrame | null> {
  const place = { force: parseId(log.forceId), epoch: log.file.epoch, frame };
  return openFrame(log.key, place, await log.file.read(frame));
}

/** Steps behind frame `after`, in order. Frames of a base come one by one: its file got its name when it was whole. */
export async function* readSteps(log: OpenedLog, after: number): AsyncGenerator<Step, void, undefined> {
  let open: ChangeFrame[] = [];
  for (let number = after + 1; number <= log.file.frames; number += 1) {
    const frame = await readFrame(log, number);
    if (frame === null) {
      await requireCutOff(log, number);
      return;
    }
    open.push(frame);
    if (!frame.isLast && frame.kind !== "base") continue;
    yield { frame: number, frames: open };
    open = [];
  }
}

/** Only the last writing can have been cut off: it comes to at most what one step holds, and none of it opens. */
async function requireCutOff(log: OpenedLog, from: number): Promise<void> {
  for (let number = from + 1; number <= log.file.frames; number += 1) {
    if ((await readFrame(log, number)) === null) continue;
    throw new RecoveryFault(
      "changes-damaged",
      `Frame ${from.toString()} of file ${log.file.epoch.toString()} of the change log of force ${log.forceId} is ` +
        "damaged. Restore the ledger's folder from its newest backup.",
    );
  }
}
