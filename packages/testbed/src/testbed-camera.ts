// A camera of the testbed: the real headless camera in a folder, whose machine has the testbed's time.
import {
  type Enrolment,
  type Filming,
  type HeadlessCamera,
  type RecordOptions,
  type SealedRecording,
  createCamera,
  installCertificate,
  openCamera,
  simulatedPositions,
} from "@sworn/camera";
import type { StaffClient } from "@sworn/client";
import {
  type Borough,
  type CameraId,
  type Enrolment as EnrolmentAnswer,
  fromBase64url,
  toBase64url,
} from "@sworn/contract";
import type { Clock } from "@sworn/server";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { TestbedError } from "./testbed-error.ts";

export interface TestbedCamera {
  readonly id: CameraId;
  readonly name: string;
  readonly borough: Borough;
  /** Absolute path. */
  readonly folder: string;
  /** Switches it on, in standby; nothing where it is on. */
  switchOn(): Promise<void>;
  /** The running camera. Throws while it is off. */
  device(): HeadlessCamera;
  /** Records with its name and borough in the picture; it stays on. */
  record(options: Omit<RecordOptions, "filming"> & { readonly filming: Filming }): Promise<SealedRecording>;
  /** Switches it off and lets go of its folder. */
  switchOff(): Promise<void>;
  /** Lets go of its folder as it is. */
  close(): Promise<void>;
}

function bytesOf(text: string): Uint8Array {
  const bytes = fromBase64url(text);
  if (bytes === null)
    throw new TestbedError("answer-damaged", "The server's answer to the enrolment is damaged.");
  return bytes;
}

function papersOf({ certificate, anchor, service, ingestKey }: EnrolmentAnswer): Enrolment {
  return {
    ...{ certificate: bytesOf(certificate), anchor: bytesOf(anchor) },
    ...{ service: bytesOf(service), ingestKey: bytesOf(ingestKey) },
  };
}

export async function enrolTestbedCamera(
  staff: StaffClient,
  wanted: { readonly name: string; readonly borough: Borough },
  given: { readonly folder: string; readonly clock: Clock },
): Promise<TestbedCamera> {
  const { name, borough } = wanted;
  const folder = join(given.folder, name);
  const clock = { wallMs: () => given.clock.nowMs(), monotonicMs: () => performance.now() };
  const id = randomUUID() as CameraId;
  const model = "Sworn headless camera";
  const { spki } = await createCamera(folder);
  const { enrolment } = await staff.enrolCamera({
    id,
    name,
    model,
    spki: toBase64url(spki),
    boroughId: borough.id,
  });
  await installCertificate(folder, papersOf(enrolment), { model, clock });

  let opened: HeadlessCamera | null = null;
  const device = (): HeadlessCamera => {
    if (opened === null) throw new TestbedError("camera-off", `${name} is off. Switch it on first.`);
    return opened;
  };
  const close = async (): Promise<void> => {
    const closing = opened;
    opened = null;
    await closing?.close();
  };
  return {
    ...{ id, name, borough, folder, device, close },
    async switchOn() {
      if (opened !== null) return;
      const positions = simulatedPositions({ borough: borough.name, seed: name });
      opened = await openCamera(folder, { clock, positions, pulseEveryMs: null });
      await opened.powerOn("button");
    },
    record: ({ filming, ...options }) =>
      device().record({
        ...options,
        filming: { labels: { cameraId: name, borough: borough.name }, ...filming },
      }),
    async switchOff() {
      await opened?.powerOff();
      await close();
    },
  };
}
