// Where everything lies in a camera's folder.
import { join } from "node:path";
import { formatId } from "@sworn/custody";

export interface FolderLayout {
  readonly root: string;
  readonly identity: string;
  readonly privateKey: string;
  readonly certificate: string;
  readonly anchor: string;
  readonly service: string;
  readonly ingestKey: string;
  readonly clock: string;
  readonly journal: string;
  readonly base: string;
  readonly pending: string;
  readonly reserve: string;
  readonly recordings: string;
  readonly control: string;
}

export function folderLayout(root: string): FolderLayout {
  return {
    root,
    identity: join(root, "identity"),
    privateKey: join(root, "identity", "key.pk8"),
    certificate: join(root, "identity", "camera.der"),
    anchor: join(root, "identity", "anchor.der"),
    service: join(root, "identity", "service.der"),
    ingestKey: join(root, "identity", "ingest-key.cose"),
    clock: join(root, "clock.cbor"),
    journal: join(root, "journal"),
    base: join(root, "journal-base.cbor"),
    pending: join(root, "pending"),
    reserve: join(root, "reserve"),
    recordings: join(root, "recordings"),
    control: join(root, "control.sock"),
  };
}

export function recordingFolder(
  layout: FolderLayout,
  recording: { readonly number: number; readonly id: Uint8Array },
): string {
  return join(layout.recordings, recordingFolderName(recording));
}

export function recordingFolderName(recording: { readonly number: number; readonly id: Uint8Array }): string {
  return `${String(recording.number)}-${formatId(recording.id)}`;
}

export function mediaPath(folder: string): string {
  return join(folder, "media");
}

export function envelopePath(folder: string): string {
  return join(folder, "envelope");
}
