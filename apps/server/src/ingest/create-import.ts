// Begins the import of a film from another maker's camera: it gets an id and a key of its own before its first byte.
import { randomBytes, randomUUID } from "node:crypto";
import type { ForceId, PersonId, RecordingId } from "@sworn/contract";
import { mediaObjectKey, recordingKeyId } from "../evidence/index.ts";
import { openUpload, type Created } from "./create-upload.ts";
import type { IngestPorts } from "./ports.ts";
import type { FileUpload } from "./upload-metadata.ts";

/** What a person said of a film, as the upload's row keeps it. */
export interface StatedFile {
  readonly fileName: string;
  readonly startedAtMs: number;
  readonly officer: string | null;
  readonly borough: string | null;
  readonly place: string | null;
  readonly incident: string | null;
}

export async function createImport(
  ports: IngestPorts,
  actor: { readonly forceId: ForceId; readonly personId: PersonId },
  order: FileUpload & { readonly lengthBytes: number },
): Promise<Created> {
  const recording = randomUUID() as RecordingId;
  await ports.evidence.keys.put(recordingKeyId(recording), randomBytes(32));
  const { fileName, startedAt, officer, borough, place, incident } = order;
  const stated: StatedFile = {
    fileName,
    startedAtMs: startedAt.getTime(),
    officer,
    borough,
    place,
    incident,
  };
  return openUpload(ports, actor, recording, (id) => ({
    id,
    force_id: actor.forceId,
    kind: "import",
    camera_id: null,
    recording_id: recording,
    number: null,
    session_id: null,
    imported_by: actor.personId,
    length_bytes: order.lengthBytes,
    object_key: mediaObjectKey(actor.forceId, recording, id),
    stated: JSON.stringify(stated),
  }));
}
