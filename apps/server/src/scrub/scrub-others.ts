// Reads what is stored beside collected recordings: journals, quarantine, statements about what is destroyed. By what lies
// in the store, since their rows are in many tables; what the second store alone has is looked for by the copier.
import { isId, type ForceId, type RecordingId } from "@sworn/contract";
import { withForce } from "../platform/database/database.ts";
import { stateOf } from "./objects-store.ts";
import { storedBytes, type Scrubbed } from "./scrub-recording.ts";
import { settleObject, type ScrubPorts } from "./settle-object.ts";

/** The recording that an object's name tells of. */
export function recordingOf(key: string): RecordingId | null {
  const [, area, id] = key.split("/");
  return area === "recordings" && id !== undefined && isId(id) ? (id as RecordingId) : null;
}

export async function* scrubOthers(
  ports: ScrubPorts,
  forceId: ForceId,
): AsyncGenerator<Scrubbed, void, undefined> {
  for await (const { key, kind } of ports.store.list(`${forceId}/`)) {
    if (kind !== "complete") continue;
    const recordingId = recordingOf(key);
    if (recordingId !== null) {
      const state = await withForce(ports.database, { forceId, personId: null }, (tx) =>
        stateOf(tx, recordingId),
      );
      // Those were read in their turn, or are about to go.
      if (state === "collected" || state === "destroy-ordered" || state === "locked") continue;
    }
    const bytes = await storedBytes(ports, key);
    const { isDamaged, isMended } = await settleObject(ports, { forceId, key, recordingId });
    yield { isMore: true, bytes, damaged: isDamaged ? 1 : 0, mended: isMended ? 1 : 0 };
  }
}
