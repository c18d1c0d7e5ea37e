// Moves the demo's clock a day at a time and does each night what the server does: warn, and destroy what is due.
import type { RecordingId } from "@sworn/contract";
import type { Testbed } from "@sworn/testbed";
import type { Tell } from "./stages.ts";

const DAY_MS = 86_400_000;

/** Before these last nights nothing can fall due that the earlier ones would not show. */
const NIGHTS = 12;

export interface Passed {
  /** Most that stood warned of at one time. */
  readonly warned: number;
  readonly destroyed: readonly RecordingId[];
}

export async function passDays(testbed: Testbed, days: number, tell: Tell): Promise<Passed> {
  const { clock, forces } = testbed;
  const skipped = Math.max(0, days - NIGHTS);
  clock.advanceMs(skipped * DAY_MS);
  let warned = 0;
  let destroyed: RecordingId[] = [];
  for (let day = skipped + 1; day <= days; day += 1) {
    clock.advanceMs(DAY_MS);
    let warnedNow = 0;
    for (const { staff } of forces) {
      await staff.runRetention();
      warnedNow += (await staff.retentionWarnings()).warnings.length;
    }
    warned = Math.max(warned, warnedNow);
    destroyed = await listDestroyed(testbed);
    const date = new Date(clock.nowMs()).toISOString().slice(0, 10);
    tell(
      `day ${day.toString()}, ${date}: ${warnedNow.toString()} warned of, ${destroyed.length.toString()} destroyed`,
    );
  }
  return { warned, destroyed };
}

/** As the forces see them: the server's own nightly run may have come first. */
async function listDestroyed(testbed: Testbed): Promise<RecordingId[]> {
  const pages = await Promise.all(
    testbed.forces.map(({ staff }) => staff.listRecordings({ state: "destroyed", limit: 200 })),
  );
  return pages.flatMap(({ recordings }) => recordings.map(({ id }) => id));
}
