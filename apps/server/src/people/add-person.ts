// Adds people, boroughs and teams to a force.
import { randomUUID } from "node:crypto";
import type {
  Borough,
  BoroughId,
  BoroughRequest,
  Person,
  PersonId,
  PersonRequest,
  Team,
  TeamId,
  TeamRequest,
} from "@sworn/contract";
import type { Clock } from "../platform/clock.ts";
import { withForce, type Actor, type Database } from "../platform/database/database.ts";
import { isForeignKeyViolation, isUniqueViolation } from "../platform/database/postgres-errors.ts";
import { presentBorough, presentPerson, presentTeam } from "./present.ts";
import { boroughOfTeam, insertBorough, insertPerson, insertTeam } from "./store.ts";

export type Added<T> =
  | { readonly outcome: "added"; readonly added: T }
  | { readonly outcome: "taken" | "borough-not-found" | "team-not-found" };

// The database's constraints decide, so two requests at the same moment cannot both win.
async function add<T>(insert: () => Promise<Added<T>>): Promise<Added<T>> {
  try {
    return await insert();
  } catch (error) {
    if (isUniqueViolation(error)) return { outcome: "taken" };
    if (isForeignKeyViolation(error)) return { outcome: "borough-not-found" };
    throw error;
  }
}

/** `taken`: the collar number is another person's. A team brings its borough along. */
export async function addPerson(
  database: Database,
  clock: Clock,
  actor: Actor,
  request: PersonRequest,
): Promise<Added<Person>> {
  const row = {
    id: randomUUID() as PersonId,
    force_id: actor.forceId,
    name: request.name,
    collar_number: request.collarNumber ?? null,
    team_id: request.teamId ?? null,
    is_administrator: request.administrator ?? false,
    created_at: new Date(clock.nowMs()),
  };
  return add(() =>
    withForce<Added<Person>>(database, actor, async (tx) => {
      const ofTeam = request.teamId === undefined ? undefined : await boroughOfTeam(tx, request.teamId);
      if (request.teamId !== undefined && ofTeam === undefined) return { outcome: "team-not-found" };
      if (ofTeam !== undefined && request.boroughId !== undefined && ofTeam !== request.boroughId) {
        return { outcome: "team-not-found" };
      }
      const whole = { ...row, borough_id: ofTeam ?? request.boroughId ?? null };
      await insertPerson(tx, whole);
      return { outcome: "added", added: presentPerson(whole) };
    }),
  );
}

/** `taken`: the slug is another borough's. */
export async function addBorough(
  database: Database,
  clock: Clock,
  actor: Actor,
  request: BoroughRequest,
): Promise<Added<Borough>> {
  const row = {
    id: randomUUID() as BoroughId,
    force_id: actor.forceId,
    created_at: new Date(clock.nowMs()),
    ...request,
  };
  return add(() =>
    withForce<Added<Borough>>(database, actor, async (tx) => {
      await insertBorough(tx, row);
      return { outcome: "added", added: presentBorough(row) };
    }),
  );
}

/** `taken`: the borough has a team of that name. */
export async function addTeam(
  database: Database,
  clock: Clock,
  actor: Actor,
  request: TeamRequest,
): Promise<Added<Team>> {
  const row = {
    id: randomUUID() as TeamId,
    force_id: actor.forceId,
    borough_id: request.boroughId,
    name: request.name,
    created_at: new Date(clock.nowMs()),
  };
  return add(() =>
    withForce<Added<Team>>(database, actor, async (tx) => {
      await insertTeam(tx, row);
      return { outcome: "added", added: presentTeam(row) };
    }),
  );
}
