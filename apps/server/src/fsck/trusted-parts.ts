// The parts of a recording to check against: as the signed manifest lists them where it holds, else as the row does. A row
// that says otherwise is told of.
import {
  equalBytes,
  parseManifest,
  partFromRow,
  verifySign1,
  CustodyError,
  type Manifest,
  type TimedPart,
} from "@sworn/custody";
import { decodeParts, encodeParts, EvidenceFault } from "../evidence/index.ts";
import type { ForceCheck } from "./ports.ts";
import type { StoredRecording } from "./store.ts";
import { rowOf } from "./subjects.ts";

/** The manifest in the row if the service signed it. */
async function signedManifest(check: ForceCheck, bytes: Uint8Array | null): Promise<Manifest | null> {
  if (bytes === null || check.authority === null) return null;
  try {
    const { value, sign1 } = parseManifest(bytes);
    return (await verifySign1(sign1, check.authority.service.certificate.publicKey)) ? value : null;
  } catch (error) {
    if (error instanceof CustodyError) return null;
    throw error;
  }
}

/** Null: nothing says what the parts are. */
export async function trustedParts(check: ForceCheck, row: StoredRecording): Promise<TimedPart[] | null> {
  const manifest = await signedManifest(check, row.manifest);
  const signed = manifest?.parts.map(partFromRow) ?? null;
  const subject = rowOf("recording", row.id, { recording: row.id });
  let listed: TimedPart[] | null = null;
  try {
    listed = row.parts === null ? null : decodeParts(row.parts);
  } catch (error) {
    if (!(error instanceof EvidenceFault)) throw error;
  }
  if (listed === null) {
    const message = `The list of parts in the row of recording ${row.id} cannot be read.`;
    check.tell({ kind: "parts-list-altered", subject, message });
    return signed;
  }
  if (signed === null) return listed;
  const at = signed.findIndex((part, index) => !isSame(part, listed[index]));
  if (at === -1 && signed.length === listed.length) return signed;
  const index = at === -1 ? signed.length : at;
  const message = `The list of parts in the row of recording ${row.id} differs from the signed manifest at part ${index.toString()}.`;
  check.tell({
    kind: "parts-list-altered",
    subject: { ...subject, part: index },
    message,
    ...secondsOf(signed[index]),
  });
  return signed;
}

function isSame(part: TimedPart, other: TimedPart | undefined): boolean {
  return other !== undefined && equalBytes(encodeParts([part]), encodeParts([other]));
}

/** Where a part is on media time; nothing for an init segment, or in a file without times. */
export function secondsOf(part: TimedPart | undefined): { seconds?: { from: number; to: number } } {
  if (part === undefined || part.durationMs === 0) return {};
  return { seconds: { from: part.startMs / 1000, to: (part.startMs + part.durationMs) / 1000 } };
}
