// What a handed-in journal promises: each recording that it seals, and at its end the one that was never sealed, with the
// parts that it names. Its times are worth nothing: whoever has the camera's key could have written any.
import type { CameraId, ForceId, HandInId, RecordingId } from "@sworn/contract";
import {
  collectRecording,
  encodeCbor,
  formatId,
  masterIdentity,
  partToRow,
  totalBytes,
  type CollectedRecording,
  type JournalEntry,
} from "@sworn/custody";
import { promisedFields, readJournal, segmentsIn, type AcceptedRecord } from "../docking/index.ts";
import type { IngestPorts } from "./ports.ts";

/** As many as a manifest can name (evidence format §7). */
const MOST_PARTS = 65_536;

export interface HandedInRecording {
  readonly id: RecordingId;
  readonly number: number;
  readonly isSealed: boolean;
  /** Kinds of what its own entries contradict. */
  readonly problems: readonly string[];
  readonly fields: ReturnType<typeof promisedFields>;
}

export interface Described {
  readonly recordings: readonly HandedInRecording[];
  /** Where the recording begins that is not sealed so far. */
  readonly openSequence: number | null;
}

interface Span {
  readonly id: Uint8Array;
  readonly from: number;
  readonly to: number;
  readonly sealHash: Uint8Array | null;
}

export async function describeHandedIn(
  ports: IngestPorts,
  place: { readonly forceId: ForceId; readonly camera: CameraId; readonly handIn: HandInId },
  given: {
    readonly accepted: readonly AcceptedRecord[];
    readonly openSequence: number | null;
    /** Nothing follows: what is open stays unsealed. */
    readonly isLast: boolean;
  },
): Promise<Described> {
  const first = given.accepted[0]?.entry.sequence ?? 0;
  const from = given.openSequence ?? first;
  const { database, store, clock } = ports.evidence;
  const before = await readJournal({ database, segments: segmentsIn(store) }, place, { from, to: first - 1 });
  const entries = [...before.map(({ entry }) => entry), ...given.accepted.map(({ entry }) => entry)];
  const { spans, open } = spansOf(entries, given.accepted);
  const last = entries.at(-1)?.sequence ?? first;
  if (given.isLast && open !== null) spans.push({ ...open, to: last, sealHash: null });
  const recordings: HandedInRecording[] = [];
  for (const span of spans) {
    const own = entries.slice(span.from - from, span.to - from + 1);
    const one = await describeOne(await collectRecording(own, span.id), own, {
      sealHash: span.sealHash,
      arrivalMs: clock.nowMs(),
    });
    if (one !== null) recordings.push(one);
  }
  return { recordings, openSequence: open?.from ?? null };
}

/** Recordings that end in what was just accepted, and the one that is open behind it. */
function spansOf(
  entries: readonly JournalEntry[],
  accepted: readonly AcceptedRecord[],
): { spans: Span[]; open: Pick<Span, "id" | "from"> | null } {
  const sealHashes = new Map(accepted.map(({ entry, hash }) => [entry.sequence, hash]));
  const spans: Span[] = [];
  let open: Pick<Span, "id" | "from"> | null = null;
  for (const { kind, body, sequence } of entries) {
    if (kind === "recording-started") {
      // One that the next one cut off: a camera that starts again seals it first, but this one cannot be asked.
      if (open !== null) spans.push({ ...open, to: sequence - 1, sealHash: null });
      open = { id: body.recording, from: sequence };
    }
    if (kind !== "recording-sealed" || open === null) continue;
    if (formatId(open.id) !== formatId(body.recording)) continue;
    spans.push({ ...open, to: sequence, sealHash: sealHashes.get(sequence) ?? null });
    open = null;
  }
  return { spans, open };
}

async function describeOne(
  collected: CollectedRecording,
  entries: readonly JournalEntry[],
  given: { readonly sealHash: Uint8Array | null; readonly arrivalMs: number },
): Promise<HandedInRecording | null> {
  if (collected.kind === "absent") return null;
  const { recording } = collected;
  const { started, seal, parts } = recording;
  if (started === null) return null;
  const fields = promisedFields(recording, entries, { times: null, ...given });
  const problems = collected.kind === "faulty" ? collected.problems.map(({ kind }) => kind) : [];
  const base = { id: formatId(recording.recording) as RecordingId, number: started.body.number, problems };
  if (seal !== null) return { ...base, isSealed: true, fields };
  const { lengthBytes, storedBytes } = totalBytes(parts);
  // With parts missing between them, the ones that are named cannot be told apart in the media.
  if (problems.length > 0 || parts.length > MOST_PARTS || !Number.isSafeInteger(storedBytes))
    return { ...base, isSealed: false, fields };
  const unsealed = {
    identity: await masterIdentity(parts),
    last_sequence: parts.at(-1)?.sequence ?? started.sequence,
    part_count: parts.length,
    length_bytes: lengthBytes,
    stored_bytes: storedBytes,
    parts: encodeCbor(parts.map(partToRow)),
  };
  return { ...base, isSealed: false, fields: { ...fields, ...unsealed } };
}
