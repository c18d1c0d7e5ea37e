// Levels 1 and 2 of what was handed in of cameras that are not trusted: each segment of its journal is there, and is what
// came. It is no part of a camera's accepted journal, so that level 4 does not look at it.
import { equalBytes } from "@sworn/custody";
import { handedInSegmentKey } from "../docking/index.ts";
import { hash } from "./digest.ts";
import type { ForceCheck } from "./ports.ts";
import { readObject, tellIndex } from "./read-object.ts";
import { eachHandedIn, type HandedIn } from "./store.ts";
import { objectOf } from "./subjects.ts";

const nameOf = (row: HandedIn): string =>
  `What was handed in of camera ${row.camera_id}, entries ${row.first_sequence.toString()} to ${row.last_sequence.toString()}`;

export async function checkHandedInPresence(check: ForceCheck): Promise<void> {
  for await (const row of eachHandedIn(check.query)) {
    check.looked("handed-in segments");
    const key = handedInSegmentKey(check.forceId, row.hand_in_id, row.first_sequence, row.hash);
    const opened = await check.ports.store.openObject(key).catch(() => null);
    // What cannot be opened is told where its bytes are looked at.
    if (opened === null || (opened.kind !== "absent" && opened.object.sizeBytes === row.size_bytes)) continue;
    const subject = objectOf(key, { camera: row.camera_id });
    const message =
      opened.kind === "absent"
        ? `${nameOf(row)}, is missing: ${key}.`
        : `${nameOf(row)}, has ${opened.object.sizeBytes.toString()} bytes, not ${row.size_bytes.toString()}: ${key}.`;
    check.tell({ kind: opened.kind === "absent" ? "segment-missing" : "segment-altered", subject, message });
  }
}

export async function checkHandedIn(check: ForceCheck): Promise<void> {
  for await (const row of eachHandedIn(check.query)) {
    const key = handedInSegmentKey(check.forceId, row.hand_in_id, row.first_sequence, row.hash);
    const stored = await readObject(check, key);
    if (stored.kind !== "bytes") continue;
    const subject = objectOf(key, { camera: row.camera_id });
    if (equalBytes(hash(stored.bytes), row.hash)) {
      if (!stored.isIndexed) tellIndex(check, subject);
      continue;
    }
    check.tell({ kind: "segment-altered", subject, message: `${nameOf(row)}, is altered: ${key}.` });
  }
}
