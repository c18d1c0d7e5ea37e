// Sends a camera's journal from where the server's accepted head ends, segment by segment.
import {
  fromBase64url,
  type CameraId,
  type JournalAnswer,
  type JournalFinding,
  type JournalHead,
} from "@sworn/contract";
import type { DockLink } from "./dock-link.ts";
import type { DockableCamera } from "./dockable-camera.ts";

export interface SentJournal {
  readonly accepted: number;
  readonly findings: readonly JournalFinding[];
  /** The server's last word; null when there was nothing to send. */
  readonly last: JournalAnswer | null;
}

/** Stops at the first segment of which the server refuses anything: what follows could not be accepted either. */
export async function sendJournal(
  link: DockLink,
  camera: DockableCamera,
  cameraId: CameraId,
  options: { readonly head: JournalHead | null; readonly onSegment?: (throughSequence: number) => void },
): Promise<SentJournal> {
  const next = options.head === null ? 0 : options.head.sequence + 1;
  // A camera that lost its last entries shows what it has: the server keeps it, and tells somebody.
  const from = Math.min(next, camera.journalHead().sequence);
  const findings: JournalFinding[] = [];
  let accepted = 0;
  let last: JournalAnswer | null = null;
  for await (const segment of camera.readJournal(from)) {
    last = await link.calls.sendJournal(cameraId, segment.fromSequence, segment.bytes);
    accepted += last.accepted;
    findings.push(...last.findings);
    options.onSegment?.(segment.toSequence);
    if (last.refused > 0) break;
  }
  return { accepted, findings, last };
}

/** The server's head as the camera takes it for pruning. */
export function acceptedHead(
  head: JournalHead | null,
): { readonly through: number; readonly head: Uint8Array } | null {
  const hash = head && fromBase64url(head.hash);
  return head && hash ? { through: head.sequence, head: hash } : null;
}
