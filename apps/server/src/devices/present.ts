// Rows as the API shows them.
import type {
  Assignment,
  AssignmentId,
  Breach,
  BreachId,
  Camera,
  Dock,
  DockId,
  MayHold,
} from "@sworn/contract";
import type { NamedAssignment, StoredAssignment, StoredBreach, StoredCamera, StoredDock } from "./store.ts";

export function presentCamera(row: StoredCamera, assignment: StoredAssignment | undefined): Camera {
  return {
    id: row.id,
    name: row.name,
    model: row.model,
    boroughId: row.borough_id,
    teamId: row.team_id,
    state: row.state,
    enrolledAt: row.enrolled_at.toISOString(),
    lastDockedAt: row.last_docked_at?.toISOString() ?? null,
    headSequence: row.head_sequence,
    assignment:
      assignment === undefined
        ? null
        : {
            id: assignment.id as AssignmentId,
            personId: assignment.person_id,
            startedAt: assignment.started_at.toISOString(),
          },
  };
}

export function presentDock(row: StoredDock): Dock {
  return {
    id: row.id as DockId,
    name: row.name,
    boroughId: row.borough_id,
    state: row.state,
    enrolledAt: row.enrolled_at.toISOString(),
  };
}

export function presentAssignment(row: NamedAssignment): Assignment {
  return {
    id: row.id as AssignmentId,
    cameraId: row.camera_id,
    personId: row.person_id,
    boroughId: row.borough_id,
    teamId: row.team_id,
    startedAt: row.started_at.toISOString(),
    endedAt: row.ended_at?.toISOString() ?? null,
    officer: row.officer,
    collarNumber: row.collar_number,
    borough: row.borough,
    team: row.team,
  };
}

export function presentBreach(row: StoredBreach): Breach {
  return {
    id: row.id as BreachId,
    cameraId: row.camera_id,
    openedAt: row.opened_at.toISOString(),
    notifyBy: row.notify_by.toISOString(),
    circumstances: row.circumstances,
    mayHold: row.may_hold as MayHold[],
    closedAt: row.closed_at?.toISOString() ?? null,
  };
}
