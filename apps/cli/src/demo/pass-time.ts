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
  let warned = 0;
  for (let day = 1; day <= days; day += 1) {
    testbed.clock.advanceMs(DAY_MS);
    const date = new Date(testbed.clock.nowMs()).toISOString().slice(0, 10);
    for (const { staff } of testbed.forces) warned += (await staff.runRetention()).warned;
    tell(`day ${day.toString()}, ${date}: ${warned.toString()} warned about`);
  }
  return { warned, destroyed: await listDestroyed(testbed) };
}

/** As the forces see them: the server's own nightly run may have come first. */
async function listDestroyed(testbed: Testbed): Promise<RecordingId[]> {
  const pages = await Promise.all(
    testbed.forces.map(({ staff }) => staff.listRecordings({ state: "destroyed", limit: 200 })),
  );
  return pages.flatMap(({ recordings }) => recordings.map(({ id }) => id));
}
