// Ends an upload whose bytes are worth nothing: they are dropped, and the row says why.
import type { ForceId } from "@sworn/contract";
import { withForce } from "../platform/database/database.ts";
import type { IngestPorts } from "./ports.ts";
import { settleUpload, type UploadRow } from "./store.ts";

export async function refuseUpload(
  ports: IngestPorts,
  forceId: ForceId,
  upload: UploadRow,
  problem: string,
): Promise<void> {
  const { store, database, clock } = ports.evidence;
  await store.delete(upload.object_key);
  await withForce(database, { forceId, personId: null }, (tx) =>
    settleUpload(tx, upload.id, "refused", { problem, at: new Date(clock.nowMs()) }),
  );
}
