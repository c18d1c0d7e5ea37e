// Questions about retention that change nothing.
import type {
  ForceId,
  PersonId,
  RecordingId,
  RecordingRetention,
  RetentionClass,
  RetentionWarnings,
} from "@sworn/contract";
import { withForce, type ForceTransaction } from "../platform/database/database.ts";
import { assessRecording } from "./assess-recording.ts";
import { listClasses, newestVersions } from "./classes-store.ts";
import type { RetentionPorts } from "./ports.ts";
import { presentAssessment } from "./present.ts";
import type { RetentionSettings } from "./settings.ts";
import { readRecording } from "./store.ts";
import { listWarned } from "./walk-store.ts";

interface Asker {
  readonly forceId: ForceId;
  readonly personId: PersonId | null;
}
type Needs = Pick<RetentionPorts, "database" | "clock" | "settings">;

export async function listClassesNow(
  tx: ForceTransaction,
  settings: RetentionSettings,
): Promise<{ classes: RetentionClass[] }> {
  const newest = await newestVersions(tx);
  const classes = (await listClasses(tx)).flatMap(({ class: key, title }) => {
    const now = newest.get(key);
    if (now === undefined) return [];
    const { version, periodDays, reviewDays, citation, effectiveAtMs } = now;
    const effectiveAt = new Date(effectiveAtMs).toISOString();
    const isDefault = key === settings.defaultClass;
    return [{ class: key, title, isDefault, version, periodDays, reviewDays, citation, effectiveAt }];
  });
  return { classes };
}

/** When and why; null where there is no such recording. */
export async function findRetention(
  ports: Needs,
  actor: Asker,
  id: RecordingId,
): Promise<RecordingRetention | null> {
  return withForce(ports.database, actor, async (tx) => {
    const recording = await readRecording(tx, id);
    if (recording === undefined) return null;
    const given = { settings: ports.settings, nowMs: ports.clock.nowMs() };
    return presentAssessment(recording, await assessRecording(tx, recording, given), given);
  });
}

export async function listWarnings(
  ports: Needs,
  actor: Asker,
  limit: number,
  after?: RecordingId,
): Promise<RetentionWarnings> {
  const given = { settings: ports.settings, nowMs: ports.clock.nowMs() };
  return withForce(ports.database, actor, async (tx) => {
    const rows = await listWarned(tx, limit, after);
    const warnings = [];
    for (const row of rows) {
      const { judgement } = await assessRecording(tx, row, given);
      if (judgement.standing !== "warned" && judgement.standing !== "due") continue;
      if (row.warned_at === null || row.recorded_end_at === null) continue;
      warnings.push({
        recordingId: row.id,
        officerId: row.officer_id,
        boroughId: row.borough_id,
        recordedEndAt: row.recorded_end_at.toISOString(),
        warnedAt: row.warned_at.toISOString(),
        destroyAt: new Date(judgement.destroyAtMs).toISOString(),
      });
    }
    return { warnings, next: rows.length === limit ? (rows.at(-1)?.id ?? null) : null };
  });
}

/** The signed certificate of a destroyed recording, COSE_Sign1 (evidence format §8). */
export async function readCertificate(
  ports: Pick<RetentionPorts, "database">,
  actor: Asker,
  id: RecordingId,
): Promise<Uint8Array | null> {
  const row = await withForce(ports.database, actor, (tx) => readRecording(tx, id));
  return row?.state === "destroyed" ? row.destruction_certificate : null;
}
