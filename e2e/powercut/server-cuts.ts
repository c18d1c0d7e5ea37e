// Power cuts under a whole server: objects, keys, ledger and database all on the file system that is cut, while a camera
// docks. As soon as a receipt reaches the camera the power goes, or at any moment before; then the server starts again, and
// what was receipted reads back, byte for byte.
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { BrokenPromise } from "../faults/acknowledgements.ts";
import { StationCheck, fsckStation } from "../faults/check-station.ts";
import { emptyCamera } from "../faults/empty-camera.ts";
import { makeOwnFolder } from "../faults/own-folder.ts";
import { seeded } from "../faults/seeded.ts";
import { Station } from "../faults/station.ts";
import { LoopVolume } from "./loop-volume.ts";
import type { CutOptions, CutReport } from "./vault-cuts.ts";

const FILM_MS = 20_000;
const FRAGMENT_BYTES = 50_000;
const LONGEST_DOCKING_MS = 1_500;

/** @throws BrokenPromise at the first cut that loses what was acknowledged. */
export async function serverCuts({ cuts, seed, onCut }: CutOptions): Promise<CutReport> {
  const random = seeded(seed);
  const volume = await LoopVolume.make(2 * 1024 * 1024 * 1024);
  const own = await makeOwnFolder(tmpdir());
  const outside = own.path;
  let station: Station | undefined;
  try {
    station = await Station.found({
      ...{ data: join(volume.mount, "data"), camera: join(outside, "camera"), dock: join(outside, "dock") },
    });
    const check = new StationCheck(station, random);
    for (let at = 1; at <= cuts; at += 1) {
      const camera = station.startCamera(FRAGMENT_BYTES + at, FILM_MS);
      if ((await camera.ended) !== 0) throw new BrokenPromise(`the camera failed: ${camera.stderr()}`);
      station.hear(camera);
      const dock = station.startDock();
      await dock.said("holds");
      const onReceipt = at % 3 !== 0;
      await Promise.race([
        onReceipt ? dock.said("receipt") : wait(random.next() * LONGEST_DOCKING_MS),
        dock.ended,
      ]);
      await volume.cutPower();
      await station.killServer();
      await volume.unplug();
      await volume.plugIn();
      await station.startServer();
      await dock.ended;
      station.hear(dock);
      const { receipted } = await check.check();
      onCut?.(
        `server cut ${at.toString()}, ${onReceipt ? "at the receipt" : "at any moment"}: ${receipted.toString()} receipts hold`,
      );
    }
    await emptyCamera(station, check);
    const acknowledged = station.acknowledged.receipts.size;
    await station.killServer();
    await fsckStation(station, 4);
    return { cuts, acknowledged };
  } finally {
    await station?.killServer();
    volume.discardNow();
    await own.remove();
  }
}
