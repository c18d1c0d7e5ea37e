// What keeps stored objects whole beside requests and jobs: the scrub, and the copies in a second store; with their metrics,
// which “sworn doctor” shows.
import type { ForceId } from "@sworn/contract";
import type { Ledger } from "./ledger/index.ts";
import type { Vault } from "./open-vault.ts";
import { listForceIds } from "./people/index.ts";
import type { Configuration } from "./platform/configuration.ts";
import { withForce, withPlatform } from "./platform/database/database.ts";
import type { Platform } from "./platform/open-platform.ts";
import { readProgress, startCopies, startScrub, type CopyQueue, type ScrubPorts } from "./scrub/index.ts";

export async function keepStored(
  platform: Platform,
  given: {
    readonly vault: Vault;
    readonly ledger: Pick<Ledger, "stage">;
    readonly queue: CopyQueue;
    readonly configuration: Pick<Configuration, "scrubBytesPerSecond">;
  },
): Promise<{ stop(): Promise<void> }> {
  const { clock, database, log, metrics } = platform;
  const { ledger, queue, vault } = given;
  const { pair } = vault;
  const ports: ScrubPorts = { database, clock, log, ledger, store: vault.store, pair };
  const forces = (): Promise<ForceId[]> => withPlatform(database, listForceIds);
  const showPass = await showProgress(platform, forces);
  const scrubbed = metrics.counter("sworn_scrub_bytes_total", "Stored bytes that the scrub has read.");
  const damaged = metrics.counter("sworn_scrub_damaged_total", "Damaged objects that the scrub has found.");
  const mended = metrics.counter(
    "sworn_scrub_mended_total",
    "Objects that were mended from the other store.",
  );
  const scrub = startScrub(ports, {
    bytesPerSecond: given.configuration.scrubBytesPerSecond,
    forces,
    onScrubbed(step) {
      scrubbed.add({}, step.bytes);
      damaged.add({}, step.damaged);
      mended.add({}, step.mended);
    },
    onPass: () => {
      void showPass().catch((error: unknown) => {
        log.warn("the scrub's progress could not be read", { error });
      });
    },
  });
  if (pair === null) return scrub;
  let isWhole = 0;
  metrics.gaugeFrom(
    "sworn_second_store_waiting_objects",
    "Objects that wait to be copied.",
    () => queue.size,
  );
  metrics.gaugeFrom(
    "sworn_second_store_waiting_bytes",
    "Bytes that wait to be copied.",
    () => queue.sizeBytes,
  );
  metrics.gaugeFrom("sworn_second_store_behind_seconds", "How long the oldest has waited.", () => {
    return queue.oldestMs / 1_000;
  });
  metrics.gaugeFrom(
    "sworn_second_store_walked",
    "1 once a walk over both stores found all copied, since the start.",
    () => isWhole,
  );
  const walks = metrics.counter("sworn_second_store_walked_objects_total", "What walks did, by outcome.");
  const copies = startCopies(
    { ...ports, pair },
    {
      queue,
      onWalked(walk) {
        isWhole = 1;
        for (const [outcome, count] of Object.entries(walk)) walks.add({ outcome }, Number(count));
        log.info("the second store was compared with the first", { ...walk });
      },
    },
  );
  return {
    async stop() {
      await Promise.all([scrub.stop(), copies.stop()]);
    },
  };
}

/** Shows the last whole pass of all forces: when it ended, what it read, what was damaged. */
async function showProgress(
  { database, metrics }: Platform,
  forces: () => Promise<ForceId[]>,
): Promise<() => Promise<void>> {
  const completed = metrics.gauge("sworn_scrub_completed_seconds", "When the last whole pass ended.");
  const objects = metrics.gauge("sworn_scrub_completed_objects", "Objects that the last whole pass read.");
  const found = metrics.gauge("sworn_scrub_completed_damaged", "Damaged objects that it found.");
  const show = async (): Promise<void> => {
    const sums = { objects: 0, damaged: 0, atMs: Infinity };
    for (const forceId of await forces()) {
      const row = await withForce(database, { forceId, personId: null }, readProgress);
      if (row === null || row.completedAt === null) return;
      sums.objects += row.completedObjects ?? 0;
      sums.damaged += row.completedDamaged ?? 0;
      sums.atMs = Math.min(sums.atMs, row.completedAt.getTime());
    }
    if (sums.atMs === Infinity) return;
    completed.set(sums.atMs / 1_000);
    objects.set(sums.objects);
    found.set(sums.damaged);
  };
  await show();
  return show;
}
