// What in a journal somebody must look at: entries that may not stand where they stand, recordings that the seal does
// not fit, unclean stops, and times that no dock settled.
import type { CameraId } from "@sworn/contract";
import { formatId, type EntryOf } from "@sworn/custody";
import type { NewFinding } from "../findings/index.ts";
import type { DescribedRecording } from "./describe-recordings.ts";
import type { JournalFacts } from "./read-facts.ts";
import type { UncertainRecording } from "./recordings-store.ts";
import type { UnreadableOpening } from "./wrap-openings.ts";

/** A broken camera may write thousands of impossible entries: the first of a segment tell the story. */
const MOST_TRANSITIONS = 50;
const MOST_PROBLEMS = 20;

export function findingsOf(
  cameraId: CameraId,
  facts: JournalFacts,
  described: readonly DescribedRecording[],
): NewFinding[] {
  const transitions = facts.problems.slice(0, MOST_TRANSITIONS).map(({ sequence, problem }): NewFinding => ({
    kind: "journal-transition",
    cameraId,
    subject: sequence.toString(),
    detail: { problem: problem.kind, message: problem.message, inAll: facts.problems.length },
  }));
  const [bare] = facts.withoutOpening;
  if (bare !== undefined) {
    const detail = { problem: "opening-missing", sequences: facts.withoutOpening.slice(0, MOST_PROBLEMS) };
    transitions.push({ kind: "journal-transition", cameraId, subject: `opening:${bare.toString()}`, detail });
  }
  return [...transitions, ...described.flatMap((one) => recordingFindings(cameraId, one))];
}

/** Details that came sealed and that nobody can read: the camera lied, or came too late for its key. */
export function unreadableFindings(
  cameraId: CameraId,
  unreadable: readonly UnreadableOpening[],
): NewFinding[] {
  const [first] = unreadable;
  if (first === undefined) return [];
  const detail = {
    problem: "opening-unreadable",
    openings: unreadable.slice(0, MOST_PROBLEMS),
    inAll: unreadable.length,
  };
  const subject = `sealed:${first.sequence.toString()}`;
  return [{ kind: "journal-transition", cameraId, subject, detail }];
}

function recordingFindings(cameraId: CameraId, one: DescribedRecording): NewFinding[] {
  const { seal, recovered } = one.recording;
  const findings: NewFinding[] = [];
  const about = { cameraId, recordingId: one.id, subject: `number:${one.number.toString()}` };
  if (one.problems.length > 0) {
    const problems = one.problems.slice(0, MOST_PROBLEMS).map((problem) => problem.kind);
    findings.push({ ...about, kind: "journal-transition", detail: { problems } });
  }
  if (seal && seal.body.reason !== "stopped") {
    const cut = recovered ? { parts: recovered.body.parts, cutBytes: recovered.body.cutBytes } : null;
    findings.push({ ...about, kind: "unclean-stop", detail: { reason: seal.body.reason, recovered: cut } });
  }
  return findings;
}

/** How far a dock's word about the time may be from the server's own. */
const DOCK_CLOCK_SLACK_MS = 5 * 60_000;

/**
 * A clock that was set in this session was set between its beginning and now, whatever the dock said. When footage is
 * destroyed hangs on what it said, so a dock that is far off is told of. Null: it is not.
 */
export function dockClockFinding(
  cameraId: CameraId,
  clockSet: EntryOf<"clock-set">,
  session: { readonly fromMs: number; readonly untilMs: number },
): NewFinding | null {
  const { afterMs, errorMs, dock } = clockSet.body;
  const isEarly = afterMs + errorMs < session.fromMs - DOCK_CLOCK_SLACK_MS;
  const isLate = afterMs - errorMs > session.untilMs + DOCK_CLOCK_SLACK_MS;
  if (!isEarly && !isLate) return null;
  return {
    kind: "uncertain-clock",
    cameraId,
    subject: `clock-set:${clockSet.sequence.toString()}`,
    detail: { problem: "dock-clock", dock: formatId(dock), afterMs, errorMs, serverMs: session.untilMs },
  };
}

export function uncertainFinding(cameraId: CameraId, recording: UncertainRecording): NewFinding {
  return {
    kind: "uncertain-clock",
    cameraId,
    recordingId: recording.id,
    subject: `number:${recording.number.toString()}`,
    detail: { clock: recording.clock },
  };
}
