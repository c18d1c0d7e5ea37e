// Docks several cameras at once. One that fails does not stop the others.
import { dockCamera, type DockOptions } from "./dock-camera.ts";
import type { DockableCamera } from "./dockable-camera.ts";
import { DockError } from "./dock-error.ts";
import type { DockReport } from "./report.ts";

export type CameraOutcome =
  | { readonly kind: "docked"; readonly report: DockReport }
  | { readonly kind: "failed"; readonly error: Error };

const AT_ONCE = 8;

/** Outcomes in the order of the cameras. `atOnce`: 8 unless given. */
export async function dockCameras(
  cameras: readonly DockableCamera[],
  options: DockOptions & { readonly atOnce?: number },
): Promise<CameraOutcome[]> {
  const outcomes = new Array<CameraOutcome>(cameras.length);
  const waiting = [...cameras.entries()];
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [index, camera] = next;
      outcomes[index] = await dockOne(camera, options);
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, options.atOnce ?? AT_ONCE) }, work));
  return outcomes;
}

async function dockOne(camera: DockableCamera, options: DockOptions): Promise<CameraOutcome> {
  try {
    return { kind: "docked", report: await dockCamera(camera, options) };
  } catch (cause) {
    const error =
      cause instanceof Error ? cause : new DockError("camera-refused", "The camera failed.", cause);
    return { kind: "failed", error };
  }
}
