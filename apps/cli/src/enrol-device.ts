// Enrols a camera: a key of its own in its folder, the force's certificate for it, the first entry of its journal.
// Broken off anywhere, it is finished by doing it again: the camera's id follows from its key.
import type { StaffClient } from "@sworn/client";
import {
  createCamera,
  installCertificate,
  type Enrolment as CameraPapers,
  type MachineClock,
} from "@sworn/camera";
import {
  type BoroughId,
  type Camera,
  type CameraId,
  type Enrolment,
  fromBase64url,
  toBase64url,
} from "@sworn/contract";
import { createHash } from "node:crypto";
import { CliError } from "./exit.ts";

/** The first half of the key's SHA-256 as a UUID of version 8 (RFC 9562 §5.8). */
function idOfKey(spki: Uint8Array): string {
  const bytes = createHash("sha256").update(spki).digest().subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

/** The papers of a device as bytes. */
function papersOf(enrolment: Enrolment): CameraPapers {
  const read = (text: string): Uint8Array => {
    const bytes = fromBase64url(text);
    if (bytes === null)
      throw new CliError("could-not-run", "The server's answer to the enrolment is damaged.");
    return bytes;
  };
  return {
    certificate: read(enrolment.certificate),
    anchor: read(enrolment.anchor),
    service: read(enrolment.service),
    ingestKey: read(enrolment.ingestKey),
  };
}

export async function enrolCamera(
  staff: Pick<StaffClient, "enrolCamera">,
  folder: string,
  camera: {
    readonly name: string;
    readonly model: string;
    readonly boroughId?: BoroughId;
    readonly clock?: MachineClock;
  },
): Promise<Camera> {
  const { name, model, boroughId, clock } = camera;
  const { spki } = await createCamera(folder);
  const made = await staff.enrolCamera({
    ...{ id: idOfKey(spki) as CameraId, name, model, spki: toBase64url(spki) },
    ...(boroughId === undefined ? {} : { boroughId }),
  });
  await installCertificate(folder, papersOf(made.enrolment), {
    model,
    ...(clock === undefined ? {} : { clock }),
  });
  return made.camera;
}
