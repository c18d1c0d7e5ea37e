// Rows as the API shows them, and judgements in words.
import type {
  Hold,
  HoldScope,
  RecordingRetention,
  RetentionChange,
  RetentionStanding,
} from "@sworn/contract";
import type { Assessment } from "./assess-recording.ts";
import type { ChangeRow } from "./classes-store.ts";
import type { HoldRecord } from "./holds-store.ts";
import type { Judgement } from "./judge-recording.ts";
import type { RetentionSettings } from "./settings.ts";
import type { Recording } from "./store.ts";

const degreeParts = 1e7;

function presentScope(row: HoldRecord): HoldScope {
  if (row.recording_id !== null) return { kind: "recording", recordingId: row.recording_id };
  if (row.incident !== null) return { kind: "incident", incident: row.incident };
  const { south, west, north, east } = row;
  const hasArea = south !== null && west !== null && north !== null && east !== null;
  return {
    kind: "event",
    from: (row.from_at ?? new Date(0)).toISOString(),
    to: (row.to_at ?? new Date(0)).toISOString(),
    ...(row.borough_id === null ? {} : { boroughId: row.borough_id }),
    ...(hasArea
      ? {
          area: {
            south: south / degreeParts,
            west: west / degreeParts,
            north: north / degreeParts,
            east: east / degreeParts,
          },
        }
      : {}),
    ...(row.people === null
      ? {}
      : { people: row.people as Extract<HoldScope, { kind: "event" }>["people"] & {} }),
  };
}

export function presentHold(row: HoldRecord, nowMs: number): Hold {
  return {
    id: row.id,
    kind: row.kind,
    reason: row.reason,
    ownerId: row.owner_id,
    reviewAt: row.review_at.toISOString(),
    reviewIsPast: row.released_at === null && row.review_at.getTime() <= nowMs,
    scope: presentScope(row),
    placedAt: row.placed_at.toISOString(),
    placedBy: row.placed_by,
    releasedAt: row.released_at?.toISOString() ?? null,
    releasedBy: row.released_by,
    releaseReason: row.release_reason,
  };
}

export function presentChange(row: ChangeRow): RetentionChange {
  return {
    id: row.id,
    class: row.class,
    title: row.title,
    periodDays: row.period_days,
    reviewDays: row.review_days,
    citation: row.citation,
    reason: row.reason,
    applyToExisting: row.apply_to_existing,
    state: row.state,
    proposedBy: row.proposed_by,
    proposedAt: row.proposed_at.toISOString(),
    expiresAt: row.expires_at.toISOString(),
    decidedBy: row.decided_by,
    decidedAt: row.decided_at?.toISOString() ?? null,
    effect: row.effect,
  };
}

const instant = (ms: number): string => new Date(ms).toISOString();
const counted = (days: number | null, thing = "day"): string =>
  `${String(days)} ${thing}${days === 1 ? "" : "s"}`;

/** A judgement in words that a member of staff can repeat to somebody who asks. */
export function explain(
  judgement: Judgement,
  key: string,
  holds: number,
  settings: RetentionSettings,
): string {
  switch (judgement.standing) {
    case "held": {
      const then =
        judgement.destroyAtMs === null
          ? ""
          : ` Without them it would be due at ${instant(judgement.destroyAtMs)}.`;
      return `Kept by ${counted(holds, "hold")}, whatever the clock says.${then}`;
    }
    case "waits-for-person":
      return judgement.reason === "unknown-class"
        ? `Its class ${key} is not one of the force's: it is kept until a person classifies it.`
        : "It is not certain when it was recorded: it is kept until a person decides its time.";
    case "kept-until-released":
      return `Class ${key} has no clock: it is kept until a person gives it another class. ${judgement.rule.citation}`;
    case "to-be-warned":
    case "warned":
    case "not-due":
    case "due": {
      const { rule } = judgement;
      const period = `Class ${key}, version ${String(rule.version)}: ${counted(rule.periodDays)} from the end of the recording, and at least ${counted(settings.arrivalDays)} from its arrival.`;
      const warning = ` It is not classified: it goes ${counted(settings.warningDays)} after those responsible were warned.`;
      const isUnclassified = judgement.standing === "to-be-warned" || judgement.standing === "warned";
      return `${period}${isUnclassified ? warning : ""} ${rule.citation}`;
    }
  }
}

export function presentAssessment(
  recording: Recording,
  assessment: Assessment,
  given: { readonly settings: RetentionSettings; readonly nowMs: number },
): RecordingRetention {
  const { judgement, rule, class: key, holds } = assessment;
  const standing = standingOf(recording, judgement);
  const clock = "destroyAtMs" in judgement ? judgement.destroyAtMs : null;
  const runs = standing !== "held" && standing !== "destroyed" && standing !== "expected";
  return {
    recordingId: recording.id,
    standing,
    destroyAt: clock !== null && runs ? instant(clock) : null,
    why: whyOf(recording, standing) ?? explain(judgement, key, holds.length, given.settings),
    rule:
      rule === undefined
        ? null
        : { class: key, version: rule.version, periodDays: rule.periodDays, citation: rule.citation },
    holds: holds.map((hold) => presentHold(hold, given.nowMs)),
  };
}

function standingOf(recording: Recording, judgement: Judgement): RetentionStanding {
  return recording.state === "collected" ? judgement.standing : recording.state;
}

function whyOf(recording: Recording, standing: RetentionStanding): string | null {
  if (standing === "expected")
    return "The camera's journal promises it; it has not arrived, and no clock runs.";
  if (standing === "destroy-ordered")
    return "Its destruction is ordered. A hold still stops it while its key is there.";
  if (standing === "destroyed")
    return `It was destroyed at ${recording.destroyed_at?.toISOString() ?? "a time unknown"}; its certificate says under which rule.`;
  return null;
}
