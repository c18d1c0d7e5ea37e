// The end of every suite of a station: once nothing fails any more, docking empties the camera, and everything that it ever
// stored comes out of the vault.
import { BrokenPromise } from "./acknowledgements.ts";
import type { StationCheck } from "./check-station.ts";
import type { Station } from "./station.ts";
import type { Telling } from "./told-lines.ts";

const MOST_DOCKINGS = 4;

/** Waits for its first word and for its end; gives the milliseconds between. @throws BrokenPromise where it fails */
export async function toItsEnd(telling: Telling, word: string): Promise<number> {
  if ((await telling.said(word)) === null) throw new BrokenPromise(`it did not start: ${telling.stderr()}`);
  const startedAt = performance.now();
  const code = await telling.ended;
  if (code !== 0) throw new BrokenPromise(`it ended with ${String(code)}: ${telling.stderr()}`);
  return performance.now() - startedAt;
}

/** @throws BrokenPromise where the server named a recording that was on the camera and is nowhere */
export function refuseMissing(dock: Telling): void {
  const missing = dock.lines.filter(({ word }) => word === "missing");
  if (missing.length > 0) throw new BrokenPromise(`missing: ${missing.map(({ rest }) => rest).join(", ")}`);
}

/** @throws BrokenPromise */
export async function emptyCamera(station: Station, check: StationCheck): Promise<void> {
  for (let docking = 1; ; docking += 1) {
    const dock = station.startDock();
    await toItsEnd(dock, "holds");
    refuseMissing(dock);
    station.hear(dock);
    if ((await dock.said("docked")) === "0") break;
    if (docking === MOST_DOCKINGS)
      throw new BrokenPromise(`the camera is never empty: ${JSON.stringify(dock.lines.slice(-5))}`);
  }
  await check.check(Number.MAX_SAFE_INTEGER);
  const lost = station.acknowledged.unread();
  if (lost.length > 0)
    throw new BrokenPromise(`films that the camera had stored never came: ${lost.join(", ")}`);
}
