// A camera's extract for one recording: signed, chained entries from recording-started to recording-sealed.
import {
  type EntryBody,
  type JournalEntry,
  type JournalEvent,
  type Opening,
  type Part,
  COMMITMENT_LABELS,
  commit,
  entryHash,
  masterIdentity,
  newId,
  newOpening,
  sha256,
  signEntry,
} from "@sworn/custody";
import { type Force, NOW_MS } from "./force-fixture.ts";

export const FRAGMENT_MS = 2000;
const FIRST_SEQUENCE = 40;

export interface BuiltJournal {
  readonly entries: Uint8Array[];
  readonly openings: { sequence: number; opening: Opening }[];
  readonly identity: Uint8Array;
  readonly seal: Uint8Array | null;
}

export interface JournalPlan {
  readonly reason: EntryBody<"recording-sealed">["reason"];
  readonly sealed: boolean;
  /** Said by the camera of each part; by default the truth. */
  readonly tellPart?: (index: number, part: Part) => Part;
  readonly extra?: (recording: Uint8Array, afterIndex: number) => readonly JournalEvent[];
}

export async function partOf(bytes: Uint8Array): Promise<Part> {
  return {
    lengthBytes: bytes.length,
    hash: await sha256(bytes),
    storedBytes: bytes.length + 100,
    storedHash: await sha256(bytes.subarray(1)),
  };
}

export async function buildJournal(
  force: Force,
  recording: Uint8Array,
  parts: readonly Part[],
  plan: JournalPlan,
): Promise<BuiltJournal> {
  const told = parts.map((part, index) => plan.tellPart?.(index, part) ?? part);
  const [init, ...fragments] = told;
  if (!init) throw new Error("a recording has an init segment");
  const identity = await masterIdentity(told);
  const durationMs = fragments.length * FRAGMENT_MS;
  const events: { event: JournalEvent; opening?: Opening }[] = [];
  const tell = (event: JournalEvent, opening?: Opening): void =>
    void events.push(opening ? { event, opening } : { event });
  tell({
    kind: "recording-started",
    body: {
      recording,
      number: 7,
      trigger: "button",
      prerecordMs: 0,
      startedMonotonicMs: 500_000,
      envelope: await sha256(recording),
      codecs: ["avc1.64001f"],
      init,
    },
  });
  for (const [at, part] of fragments.entries()) {
    const startMs = at * FRAGMENT_MS;
    const body = {
      recording,
      index: at + 1,
      ...part,
      startMs,
      durationMs: FRAGMENT_MS,
      prerecord: false,
      muted: false,
    };
    tell(
      { kind: "fragment", body },
      newOpening({ positions: [[startMs, 515_000_000 + at, -1_000_000, 300]] }),
    );
    for (const event of plan.extra?.(recording, at + 1) ?? []) tell(event);
  }
  if (plan.reason === "stopped") {
    tell({ kind: "recording-stopped", body: { recording, atMs: durationMs, reason: "incident over" } });
  }
  if (plan.sealed) {
    const { reason } = plan;
    const body = {
      recording,
      number: 7,
      parts: parts.length,
      identity,
      durationMs,
      reason,
      started: FIRST_SEQUENCE,
    };
    tell({ kind: "recording-sealed", body });
  }
  return { ...(await signChain(force, events)), identity };
}

async function signChain(
  force: Force,
  events: readonly { event: JournalEvent; opening?: Opening }[],
): Promise<Omit<BuiltJournal, "identity">> {
  const boot = newId();
  const entries: Uint8Array[] = [];
  const openings: { sequence: number; opening: Opening }[] = [];
  let previous: Uint8Array = await sha256(boot);
  let seal: Uint8Array | null = null;
  for (const [at, { event, opening }] of events.entries()) {
    const sequence = FIRST_SEQUENCE + at;
    const entry: JournalEntry = {
      camera: force.cameraId,
      boot,
      sequence,
      previous,
      wallMs: NOW_MS - 3_600_000 + at * FRAGMENT_MS,
      monotonicMs: 500_000 + at * FRAGMENT_MS,
      ...(opening ? { sealed: await commit(COMMITMENT_LABELS.journal, opening) } : {}),
      ...event,
    };
    const bytes = await signEntry(entry, force.camera.signer);
    previous = await entryHash(bytes);
    if (event.kind === "recording-sealed") seal = previous;
    if (opening) openings.push({ sequence, opening });
    entries.push(bytes);
  }
  return { entries, openings, seal };
}
