// What follows when stored bytes do not verify: a finding that a person must look at, and a line in the log.
import type { ForceId, RecordingId } from "@sworn/contract";
import { recordFinding } from "../findings/index.ts";
import { withForce } from "../platform/database/database.ts";
import { playability } from "./open-recordings.ts";
import { PlaybackFault } from "./playback-fault.ts";
import type { PlaybackPorts } from "./ports.ts";
import { findPlayable } from "./store.ts";

export type Damaged = "reported" | "destroyed";

/** Also tells damage apart from a destruction that overtook the reader. Other errors are thrown on. */
export async function reportDamage(
  ports: Pick<PlaybackPorts, "database" | "clock" | "log">,
  forceId: ForceId,
  recordingId: RecordingId,
  fault: unknown,
): Promise<Damaged> {
  if (!(fault instanceof PlaybackFault)) throw fault;
  if (fault.code === "recording-gone") return "destroyed";
  return withForce(ports.database, { forceId, personId: null }, async (tx) => {
    const row = await findPlayable(tx, recordingId);
    if (playability(row).kind === "destroyed") return "destroyed";
    ports.log.error("stored media does not verify", { recordingId, forceId, code: fault.code, cause: fault });
    await recordFinding(
      tx,
      {
        kind: fault.code === "media-missing" ? "missing" : "altered",
        cameraId: row?.camera_id ?? null,
        recordingId,
        subject: subjectOf(fault),
        detail: { foundBy: "playback", code: fault.code, what: fault.message, ...fault.damage },
      },
      ports.clock.nowMs(),
    );
    return "reported";
  });
}

function subjectOf({ code, damage, object }: PlaybackFault): string {
  if (object === "poster") return "poster";
  return damage === undefined ? `media: ${code}` : `media part ${damage.part}`;
}
