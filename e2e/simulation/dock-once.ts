// One docking, seen from outside: what the camera freed, and against which receipt, is what was acknowledged.
import { type DockReport, type DockableCamera, dockCamera } from "@sworn/dock";
import type { HeadlessCamera } from "@sworn/camera";
import { formatId } from "@sworn/custody";
import { SERVER_URL } from "./simulated-server.ts";
import type { SimulatedCamera } from "./simulated-camera.ts";
import type { SimulatedDock, World } from "./world.ts";

/** The camera's docking side, whose `free` is watched. */
function watched(device: HeadlessCamera, onFreed: (id: string, receipt: Uint8Array) => void): DockableCamera {
  const { dock } = device;
  const free: DockableCamera["free"] = async (number, receipt, certificates) => {
    const id = dock.listRecordings().find((one) => one.number === number)?.id;
    const outcome = await dock.free(number, receipt, certificates);
    if (outcome.kind === "freed" && id) onFreed(formatId(id), receipt);
    return outcome;
  };
  return new Proxy(dock, {
    get(target, name) {
      if (name === "free") return free;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });
}

/** Docks a camera and takes it out again; never settles where the camera dies meanwhile. */
export async function dockOnce(
  world: World,
  camera: SimulatedCamera,
  dock: SimulatedDock,
): Promise<DockReport> {
  const device = await camera.switchOn();
  const line = world.network.line();
  camera.machine.onDeath(() => {
    line.close();
  });
  try {
    return await dockCamera(
      watched(device, (id, receipt) => {
        const known = world.model.recordings.get(id);
        if (known) known.receipt = receipt;
      }),
      {
        ...{ server: SERVER_URL, identity: dock.identity, send: line.send },
        clock: { nowMs: () => world.nowMs() + dock.jumpedMs },
        onIngestKey: (_camera, statement) => camera.takeIngestKey(statement),
        onProgress: (progress) => {
          if (world.bug?.freesWhenSent !== true || progress.kind !== "upload") return;
          if (progress.sentBytes === progress.totalBytes) forgetMedia(camera);
        },
      },
    );
  } finally {
    line.close();
    await device.dock.undock("standby").catch(() => undefined);
  }
}

/** The known bug of a camera that does not wait for its receipt. */
function forgetMedia(camera: SimulatedCamera): void {
  const folder = camera.machine.root.entries.get("camera");
  const recordings = folder?.kind === "folder" ? folder.entries.get("recordings") : undefined;
  if (recordings?.kind === "folder") recordings.entries.clear();
}
