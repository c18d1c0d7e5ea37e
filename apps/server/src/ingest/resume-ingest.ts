// Takes up what a stop or crash left: leases of dead connections, uploads that were not verified yet, receipts that were
// not signed yet, uploads that nobody continued. Run at every start and by a job.
import type { ForceId } from "@sworn/contract";
import { formatId } from "@sworn/custody";
import { completeReceipts } from "../evidence/index.ts";
import { withForce } from "../platform/database/database.ts";
import type { FinishQueue } from "./finish-queue.ts";
import type { IngestPorts } from "./ports.ts";
import { refuseUpload } from "./refuse-upload.ts";
import { listAbandoned, listVerifying, releaseAllLeases } from "./store.ts";

/** The camera keeps every byte until its receipt: a part-upload is worth this much disk and no more. */
const ABANDONED_MS = 14 * 86_400_000;

/** `atStart`: this server has just taken the data folder over, so no connection of another holds an upload. */
export async function resumeIngest(
  ports: IngestPorts,
  queue: FinishQueue,
  options: { readonly atStart: boolean },
): Promise<void> {
  const { authorities, database, clock, log } = ports.evidence;
  for (const force of await authorities.forces()) {
    const forceId = formatId(force) as ForceId;
    const actor = { forceId, personId: null };
    if (options.atStart) await withForce(database, actor, releaseAllLeases);
    const verifying = await withForce(database, actor, listVerifying);
    await Promise.all(verifying.map((upload) => queue.finish(forceId, upload)));
    const abandoned = await withForce(database, actor, (tx) =>
      listAbandoned(tx, new Date(clock.nowMs() - ABANDONED_MS)),
    );
    for (const upload of abandoned) {
      await refuseUpload(ports, forceId, upload, "Nobody continued it for 14 days.");
      log.info("an abandoned upload was dropped", { upload: upload.id });
    }
    await completeReceipts(ports.evidence, forceId).catch((error: unknown) => {
      log.error("receipts could not be completed; it is tried again", { forceId, error });
    });
  }
}
