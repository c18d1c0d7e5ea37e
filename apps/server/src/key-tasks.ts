// The daily work on keys: each force has an ingest key to give, those past their grace are destroyed, and the key
// ring gets a new root each month, so that what backups hold dies with the old one. No ingest key goes while it may still
// be needed for details in a journal, and the keys of such details go when their own period is over.
import { readFile } from "node:fs/promises";
import type { ForceId } from "@sworn/contract";
import { formatId } from "@sworn/custody";
import type { Authorities } from "./authority/index.ts";
import type { Task } from "./jobs/index.ts";
import type { Clock } from "./platform/clock.ts";
import { writeDurably } from "./platform/durable-file.ts";
import type { KeyRing } from "@sworn/vault";

const rotateAfterMs = 30 * 86_400_000;

async function readRotatedAt(path: string): Promise<number | null> {
  try {
    const atMs = Number((await readFile(path, "utf8")).trim());
    return Number.isSafeInteger(atMs) ? atMs : null;
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return null;
    throw cause;
  }
}

/** What docking does about the details in journals that belong to no recording, a force at a time. */
export interface JournalDetails {
  wrapStored(forceId: ForceId): Promise<{ readonly wrapped: number; readonly waiting: number }>;
  destroyDue(forceId: ForceId): Promise<{ readonly destroyed: readonly string[]; readonly kept: number }>;
}

/** `rotationFile` holds the time of the last rotation, in ms since 1970. */
export function keyTasks(given: {
  readonly authorities: Authorities;
  readonly keys: KeyRing;
  readonly clock: Clock;
  readonly rotationFile: string;
  readonly journals: JournalDetails;
}): Task[] {
  const { authorities, keys, clock, rotationFile, journals } = given;
  return [
    {
      name: "rotate-ingest-keys",
      daily: { hour: 1, minute: 10 },
      async run(_payload, { log }) {
        for (const force of await authorities.forces()) {
          const { ingestKeys } = await authorities.of(force);
          await ingestKeys.current(clock.nowMs());
          const { wrapped, waiting } = await journals.wrapStored(formatId(force) as ForceId);
          if (wrapped > 0) log.info("details in journals wrapped anew", { segments: wrapped });
          if (waiting > 0) {
            log.warn("no ingest key is destroyed: details still need one", { segments: waiting });
            continue;
          }
          const destroyed = await ingestKeys.destroyExpired(clock.nowMs());
          if (destroyed.length > 0) log.info("old ingest keys destroyed", { destroyed });
        }
      },
    },
    {
      name: "destroy-journal-keys",
      daily: { hour: 1, minute: 25 },
      async run(_payload, { log }) {
        for (const force of await authorities.forces()) {
          const { destroyed, kept } = await journals.destroyDue(formatId(force) as ForceId);
          if (destroyed.length + kept > 0) log.info("keys of details in journals", { destroyed, kept });
        }
      },
    },
    {
      name: "rotate-root-key",
      daily: { hour: 1, minute: 40 },
      async run(_payload, { log }) {
        const nowMs = clock.nowMs();
        const rotatedAtMs = await readRotatedAt(rotationFile);
        if (rotatedAtMs === null) await writeDurably(rotationFile, `${nowMs.toString()}\n`);
        const isDue = rotatedAtMs !== null && nowMs - rotatedAtMs >= rotateAfterMs;
        if (!isDue && !keys.rotationPending) return;
        const { rewrapped, destroyedRoots } = await keys.rotateRoot();
        await writeDurably(rotationFile, `${nowMs.toString()}\n`);
        log.info("the key ring has a new root", { rewrapped, destroyedRoots });
      },
    },
  ];
}
