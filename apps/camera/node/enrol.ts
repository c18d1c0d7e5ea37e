// How a camera comes into being: a folder with a key of its own, then what the force gives it, then the first entry.
import { FIRST_PREVIOUS, newId, parseEntry, signEntry } from "@sworn/custody";
import type { MachineClock } from "./camera-clock.ts";
import { machineClock } from "./camera-clock.ts";
import { CameraError } from "./camera-error.ts";
import { lockFolder } from "./folder-lock.ts";
import { type Enrolment, checkEnrolment, newKey, publicKeyOf, readKey } from "./identity.ts";
import { type Disk, realDisk } from "./store/disk.ts";
import { type FolderLayout, folderLayout } from "./store/folder-layout.ts";
import { JournalFiles } from "./store/journal-files.ts";

export const FIRMWARE = "sworn-headless/1";

/** What a force needs to certify a camera. */
export interface CameraRequest {
  /** SubjectPublicKeyInfo, DER, P-256. */
  readonly spki: Uint8Array;
}

/**
 * Makes a camera in `folder`, or finds the one that was made there and is not enrolled yet: its key is never replaced.
 * @throws CameraError `folder-taken` if it is enrolled already
 */
export async function createCamera(
  folder: string,
  options: { readonly disk?: Disk } = {},
): Promise<CameraRequest> {
  const disk = options.disk ?? realDisk;
  const layout = folderLayout(folder);
  await disk.makeFolder(folder);
  await disk.makeFolder(layout.identity);
  if (await disk.readWhole(layout.certificate)) {
    throw new CameraError(
      "folder-taken",
      `There is an enrolled camera in ${folder}. Give the new one a folder of its own.`,
    );
  }
  const present = await disk.readWhole(layout.privateKey);
  if (present) return { spki: publicKeyOf(present) };
  const { pkcs8, spki } = await newKey();
  await disk.writeWhole(layout.privateKey, pkcs8);
  return { spki };
}

/**
 * Takes what the force gives, checks it against its anchor, and begins the journal with `enrolled`.
 * A crash in between is finished by calling it again.
 * @throws CameraError `enrolment-invalid`, `folder-taken`
 */
export async function installCertificate(
  folder: string,
  enrolment: Enrolment,
  options: {
    readonly model: string;
    readonly firmware?: string;
    readonly clock?: MachineClock;
    readonly disk?: Disk;
  },
): Promise<{ readonly camera: Uint8Array; readonly force: Uint8Array }> {
  const disk = options.disk ?? realDisk;
  const clock = options.clock ?? machineClock;
  const layout = folderLayout(folder);
  const pkcs8 = await readKey(disk, layout);
  const identity = await checkEnrolment(enrolment, pkcs8, null);
  const { camera, force, certificate } = identity;
  const lock = await lockFolder(folder);
  try {
    // The certificate comes last: it is what makes a folder an enrolled camera.
    await disk.writeWhole(layout.anchor, enrolment.anchor);
    await disk.writeWhole(layout.service, enrolment.service);
    await disk.writeWhole(layout.ingestKey, enrolment.ingestKey);
    await disk.makeFolder(layout.recordings);
    await disk.makeFolder(layout.journal);
    const files = await JournalFiles.open(
      disk,
      layout.journal,
      { sequence: -1, hash: FIRST_PREVIOUS },
      { visit: () => undefined, isOwn: () => Promise.resolve(true) },
    );
    if (files.head.sequence < 0) {
      const body = {
        force,
        certificate: certificate.hash,
        model: options.model,
        firmware: options.firmware ?? FIRMWARE,
      };
      const place = {
        camera,
        boot: newId(),
        sequence: 0,
        previous: FIRST_PREVIOUS,
        wallMs: Math.round(clock.wallMs()),
        monotonicMs: 0,
      };
      const entry = await signEntry({ ...place, kind: "enrolled", body }, identity.signer);
      await files.append({ entry, opening: null }, () => Promise.resolve(false));
    } else await requireSameCertificate(layout, files, certificate.hash);
    await files.close();
    await disk.writeWhole(layout.certificate, enrolment.certificate);
  } finally {
    await lock.release();
  }
  return { camera, force };
}

async function requireSameCertificate(
  layout: FolderLayout,
  files: JournalFiles,
  hash: Uint8Array,
): Promise<void> {
  const first = await files.find(0);
  const entry = first ? parseEntry(first.entry).entry : null;
  const same = entry?.kind === "enrolled" && Buffer.from(entry.body.certificate).equals(hash);
  if (!same)
    throw new CameraError(
      "folder-taken",
      `The camera in ${layout.root} was enrolled with another certificate.`,
    );
}

/** Puts a newer ingest key in place of the old one; the anchor and the service certificate stay. */
export async function installIngestKey(
  folder: string,
  ingestKey: Uint8Array,
  options: { readonly disk?: Disk } = {},
): Promise<void> {
  const disk = options.disk ?? realDisk;
  const layout = folderLayout(folder);
  const pkcs8 = await readKey(disk, layout);
  const [certificate, anchor, service] = await Promise.all(
    [layout.certificate, layout.anchor, layout.service].map((path) => disk.readWhole(path)),
  );
  if (!certificate || !anchor || !service)
    throw new CameraError("not-enrolled", `The camera in ${folder} is not enrolled.`);
  await checkEnrolment({ certificate, anchor, service, ingestKey }, pkcs8, null);
  await disk.writeWhole(layout.ingestKey, ingestKey);
}
