// A force of the testbed: its administrator, boroughs, one dock and the cameras of each borough.
import { Api, type StaffClient, peopleCalls, staffClient } from "@sworn/client";
import type { Force, Person } from "@sworn/contract";
import {
  type CameraOutcome,
  type DockIdentity,
  type DockProgress,
  dockCameras,
  enrolDock,
  streamRequests,
} from "@sworn/dock";
import type { MovableClock } from "@sworn/server";
import { join } from "node:path";
import { installIngestKey } from "@sworn/camera";
import { type TestbedCamera, enrolTestbedCamera } from "./testbed-camera.ts";

export interface ForceToFound {
  readonly name: string;
  readonly slug: string;
  /** Cameras are named after it, as MET-0001. */
  readonly prefix: string;
  readonly administrator: string;
  readonly boroughs: readonly { readonly name: string; readonly cameras: number }[];
}

export interface TestbedForce {
  readonly force: Force;
  readonly person: Person;
  /** The administrator's secret. */
  readonly apiKey: string;
  readonly staff: StaffClient;
  readonly cameras: readonly TestbedCamera[];
  readonly dockIdentity: DockIdentity;
  /** Puts cameras, which must be on, into the force's dock; outcomes in their order. */
  dock(
    cameras: readonly TestbedCamera[],
    onProgress?: (progress: DockProgress) => void,
  ): Promise<CameraOutcome[]>;
  /** Lets go of every camera. */
  close(): Promise<void>;
}

function slugOf(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]+/g, "-");
}

export async function foundForce(
  wanted: ForceToFound,
  given: {
    readonly server: string;
    readonly folder: string;
    readonly clock: MovableClock;
    readonly code: string;
  },
): Promise<TestbedForce> {
  const { server, folder, clock, code } = given;
  const { name, slug } = wanted;
  const made = await peopleCalls(new Api({ server })).setUp({
    code,
    force: { name, slug },
    person: { name: wanted.administrator },
  });
  const apiKey = made.apiKey.secret;
  const staff = staffClient({ server, apiKey });
  const cameras: TestbedCamera[] = [];
  for (const { name: boroughName, cameras: count } of wanted.boroughs) {
    const borough = await staff.addBorough({ name: boroughName, slug: slugOf(boroughName) });
    for (let more = 0; more < count; more += 1) {
      const number = (cameras.length + 1).toString().padStart(4, "0");
      const camera = { name: `${wanted.prefix}-${number}`, borough };
      cameras.push(await enrolTestbedCamera(staff, camera, { folder: join(folder, "cameras"), clock }));
    }
  }
  const dockIdentity = await enrolDock({
    folder: join(folder, "docks", slug),
    server,
    apiKey,
    name: `${name}, dock 1`,
  });
  const folderOf = new Map<string, string>(cameras.map((camera) => [camera.id, camera.folder]));
  const sender = streamRequests();
  return {
    ...{ force: made.force, person: made.person, apiKey, staff, cameras, dockIdentity },
    dock: (docked, onProgress) =>
      dockCameras(
        docked.map((camera) => camera.device().dock),
        {
          ...{ server, identity: dockIdentity, clock, send: sender.send },
          onIngestKey: (camera, statement) => installIngestKey(folderOf.get(camera) ?? "", statement),
          ...(onProgress === undefined ? {} : { onProgress }),
        },
      ),
    async close() {
      sender.close();
      for (const camera of cameras) await camera.close();
    },
  };
}
