// The plan: what falls due by a day and what keeps it, what waits for a person, and what would change. Walked in pages,
// counted over all, listed up to a limit; it changes nothing.
import type { ForceId, HeldRecording, PersonId, PlannedRecording, RetentionPlan } from "@sworn/contract";
import { withForce, type ForceTransaction } from "../platform/database/database.ts";
import { findRule, listChanges, listRules } from "./classes-store.ts";
import type { ClassVersion } from "./derive-rules.ts";
import { holdsCatching, listHolds } from "./holds-store.ts";
import { judgeRecording, type Judgement } from "./judge-recording.ts";
import type { RetentionPorts } from "./ports.ts";
import { explain, presentChange, presentHold } from "./present.ts";
import { dayMs } from "./settings.ts";
import { factsOf, type Recording } from "./store.ts";
import {
  countUnfinished,
  listUncertain,
  listUnknownClass,
  placeAfter,
  walkRecordings,
  type Walk,
  type WalkPlace,
} from "./walk-store.ts";

const pageSize = 500;
const listedMaximum = 500;

type Needs = Pick<RetentionPorts, "database" | "clock" | "settings">;
interface Planner {
  readonly forceId: ForceId;
  readonly personId: PersonId | null;
}

interface Found {
  readonly byDay: Map<string, number>;
  readonly due: PlannedRecording[];
  readonly held: HeldRecording[];
  falling: number;
  heldCount: number;
}

export async function planRetention(ports: Needs, actor: Planner, days: number): Promise<RetentionPlan> {
  const nowMs = ports.clock.nowMs();
  const untilMs = nowMs + days * dayMs;
  const found: Found = { byDay: new Map(), due: [], held: [], falling: 0, heldCount: 0 };
  const rules = await withForce(ports.database, actor, listRules);
  for (const rule of rules) {
    if (rule.period_days === null) continue;
    const walk = {
      receivedFrom: rule.received_from,
      receivedUntil: rule.received_until,
      endedBy: new Date(untilMs - rule.period_days * dayMs),
      receivedBy: new Date(untilMs - ports.settings.arrivalDays * dayMs),
      warned: "either" as const,
    };
    await planWalk(ports, actor, { ...walk, class: rule.class }, { found, nowMs, untilMs });
    if (rule.class === ports.settings.defaultClass)
      await planWalk(ports, actor, { ...walk, class: null }, { found, nowMs, untilMs });
  }
  return withForce(ports.database, actor, async (tx) => {
    const waiting = await listWaiting(ports, tx, nowMs);
    const past = await listHolds(tx, { standing: true, reviewBefore: new Date(nowMs) }, listedMaximum);
    const changes = await listChanges(tx, "proposed", listedMaximum);
    return {
      asOf: new Date(nowMs).toISOString(),
      until: new Date(untilMs).toISOString(),
      falling: found.falling,
      byDay: [...found.byDay].sort().map(([date, recordings]) => ({ date, recordings })),
      due: found.due,
      heldCount: found.heldCount,
      held: found.held,
      waitingCount: waiting.count,
      waiting: waiting.recordings,
      unfinished: await countUnfinished(tx),
      holdsPastReview: past.map((hold) => presentHold(hold, nowMs)),
      changes: changes.map(presentChange),
    };
  });
}

async function planWalk(
  ports: Needs,
  actor: Planner,
  walk: Walk,
  given: { readonly found: Found; readonly nowMs: number; readonly untilMs: number },
): Promise<void> {
  let after: WalkPlace | undefined;
  do {
    const from = after;
    after = await withForce(ports.database, actor, async (tx) => {
      const page = await walkRecordings(tx, walk, pageSize, from);
      await planPage(ports, tx, page, given);
      return placeAfter(page, pageSize);
    });
  } while (after !== undefined);
}

async function planPage(
  ports: Needs,
  tx: ForceTransaction,
  page: readonly Recording[],
  given: { readonly found: Found; readonly nowMs: number; readonly untilMs: number },
): Promise<void> {
  const { found, nowMs, untilMs } = given;
  const holds = await holdsCatching(
    tx,
    page.map(({ id }) => id),
  );
  const key = (recording: Recording): string => recording.class ?? ports.settings.defaultClass;
  const rules = new Map<string, ClassVersion | undefined>();
  for (const recording of page) {
    const name = key(recording);
    const receivedAt = recording.received_at;
    // A page is of one rule, so it is read once.
    if (!rules.has(name) && receivedAt !== null) rules.set(name, await findRule(tx, name, receivedAt));
    const caught = holds.get(recording.id) ?? [];
    const judged = judgeRecording(factsOf(recording), rules.get(name), caught.length, {
      settings: ports.settings,
      nowMs,
    });
    const planned = present(ports, recording, judged, caught.length);
    if (judged.standing === "held") {
      found.heldCount += 1;
      const shown = caught.map((hold) => presentHold(hold, nowMs));
      if (found.held.length < listedMaximum) found.held.push({ ...planned, holds: shown });
    } else if (planned.destroyAt !== null && Date.parse(planned.destroyAt) <= untilMs) {
      found.falling += 1;
      const date = new Date(Math.max(Date.parse(planned.destroyAt), nowMs)).toISOString().slice(0, 10);
      found.byDay.set(date, (found.byDay.get(date) ?? 0) + 1);
      if (found.due.length < listedMaximum) found.due.push(planned);
    }
  }
}

async function listWaiting(
  ports: Needs,
  tx: ForceTransaction,
  nowMs: number,
): Promise<{ count: number; recordings: PlannedRecording[] }> {
  const uncertain = await listUncertain(tx, listedMaximum);
  const stray = await listUnknownClass(tx, listedMaximum);
  const rows = [
    ...new Map([...uncertain.recordings, ...stray.recordings].map((row) => [row.id, row])).values(),
  ];
  const recordings = rows.slice(0, listedMaximum).map((row) => {
    const judged = judgeRecording(factsOf(row), undefined, 0, { settings: ports.settings, nowMs });
    return present(ports, row, judged, 0);
  });
  const both = uncertain.recordings.length + stray.recordings.length - rows.length;
  return { count: uncertain.count + stray.count - both, recordings };
}

function present(ports: Needs, recording: Recording, judged: Judgement, holds: number): PlannedRecording {
  const destroyAtMs = "destroyAtMs" in judged ? judged.destroyAtMs : null;
  return {
    recordingId: recording.id,
    class: recording.class,
    officerId: recording.officer_id,
    boroughId: recording.borough_id,
    standing: judged.standing,
    destroyAt: destroyAtMs === null ? null : new Date(destroyAtMs).toISOString(),
    why: explain(judged, recording.class ?? ports.settings.defaultClass, holds, ports.settings),
  };
}
