// Level 1, the other way round: every object and every key belongs to something that a row names.
import { isId, type ForceId } from "@sworn/contract";
import { withForce } from "../../platform/database/database.ts";
import { isObjectKnown, recordingState } from "../fsck-store.ts";
import type { FsckPorts } from "./ports.ts";
import type { Tell } from "./problem.ts";

/** Objects of the forces whose media or derivative no row names, and keys of the ring that differ between its places. */
export async function checkOrphans(
  ports: FsckPorts,
  forces: ReadonlySet<ForceId>,
  given: { readonly tell: Tell; readonly looked: () => void },
): Promise<void> {
  for await (const { key, kind } of ports.store.list()) {
    const [force = "", area, recording = "", name = ""] = key.split("/");
    if (!forces.has(force as ForceId)) continue;
    given.looked();
    if (area !== "recordings") continue;
    const isMedia = name.startsWith("media-") || name === "derivatives";
    const problem = await withForce(
      ports.database,
      { forceId: force as ForceId, personId: null },
      async (tx) => {
        if (isMedia) return (await isObjectKnown(tx, key)) ? null : "No row names it.";
        const state = isId(recording) ? await recordingState(tx, recording) : undefined;
        return state === undefined ? "No such recording is known." : null;
      },
    );
    if (problem === null) continue;
    const detail = `${problem} It is ${kind}; after a restored database, run \`sworn recover\` before anything is removed.`;
    given.tell({ kind: "object-orphan", level: "presence", forceId: force as ForceId, subject: key, detail });
  }
}

/** The two places of the key ring against each other. */
export async function checkKeyRing(
  ports: FsckPorts,
  given: { readonly tell: Tell; readonly looked: () => void },
): Promise<void> {
  for await (const finding of ports.keys.check()) {
    given.looked();
    const subject = "id" in finding ? finding.id : finding.name;
    const place = "place" in finding ? ` in place ${String(finding.place + 1)}` : "";
    const more = "detail" in finding ? `: ${finding.detail}` : "";
    given.tell({
      kind: finding.kind === "undead" ? "key-undead" : "key-ring",
      level: "presence",
      forceId: null,
      ...(isRecordingKey(subject) ? { recording: subject.slice("recording/".length) as never } : {}),
      subject,
      detail: `The key is ${finding.kind}${place}${more}.`,
    });
  }
}

function isRecordingKey(id: string): boolean {
  return id.startsWith("recording/") && isId(id.slice("recording/".length));
}
