// The daily work on keys: each force has an ingest key to give, those past their grace are destroyed, and the key
// ring gets a new root each month, so that what backups hold dies with the old one.
import { readFile } from "node:fs/promises";
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

/** `rotationFile` holds the time of the last rotation, in ms since 1970. */
export function keyTasks(given: {
  readonly authorities: Authorities;
  readonly keys: KeyRing;
  readonly clock: Clock;
  readonly rotationFile: string;
}): Task[] {
  const { authorities, keys, clock, rotationFile } = given;
  return [
    {
      name: "rotate-ingest-keys",
      daily: { hour: 1, minute: 10 },
      async run(_payload, { log }) {
        for (const force of await authorities.forces()) {
          const { ingestKeys } = await authorities.of(force);
          await ingestKeys.current(clock.nowMs());
          const destroyed = await ingestKeys.destroyExpired(clock.nowMs());
          if (destroyed.length > 0) log.info("old ingest keys destroyed", { destroyed });
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
