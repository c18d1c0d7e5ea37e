// Whom and what the evidence is about, by its own statements: every check compares with the same few ids.
import { type Manifest, type Receipt, equalBytes } from "@sworn/custody";
import type { Evidence } from "./load-evidence.ts";
import type { JournalReading } from "./read-journal.ts";

export interface Subject {
  readonly force: Uint8Array | null;
  readonly recording: Uint8Array | null;
  /** Null if none is named; a recording without a journal has none. */
  readonly camera: Uint8Array | null;
  /** Whether a camera signed, or ought to have signed, this recording. */
  readonly attested: boolean;
  readonly format: "cmaf" | "file";
}

export function manifestOf(evidence: Evidence): Manifest | null {
  return evidence.manifest.kind === "ok" ? evidence.manifest.value.value : null;
}

export function receiptOf(evidence: Evidence): Receipt | null {
  return evidence.receipt.kind === "ok" ? evidence.receipt.value.value : null;
}

export function findSubject(evidence: Evidence, journal: JournalReading | null): Subject {
  const manifest = manifestOf(evidence);
  const receipt = receiptOf(evidence);
  const started = journal?.entries.find(({ entry }) => entry.kind === "recording-started")?.entry;
  const any = journal?.entries.map(({ entry }) => entry).find(({ body }) => "recording" in body);
  const journaled = started ?? any;
  const journaledId = journaled && "recording" in journaled.body ? journaled.body.recording : null;
  const stated = manifest ?? receipt;
  // Only a statement that says so makes a recording one without a camera: a missing journal does not.
  const isImport = stated !== null && stated.camera === null && journal === null;
  const { service } = evidence.certificates;
  return {
    force: stated?.force ?? (service.kind === "ok" ? service.value.subjectId : null),
    recording: stated?.recording ?? journaledId,
    camera: stated?.camera ?? journaled?.camera ?? null,
    attested: !isImport,
    format: manifest?.format ?? "cmaf",
  };
}

/** Null equals null only. */
export function sameId(a: Uint8Array | null | undefined, b: Uint8Array | null | undefined): boolean {
  if (!a || !b) return !a && !b;
  return equalBytes(a, b);
}
