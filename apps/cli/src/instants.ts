// Instants as people type them: a day, or a moment with its zone. What the calendar does not have is refused.
import { CliError } from "./exit.ts";

const iso = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d))?$/;

/** As the API takes it. A day alone is its first moment, UTC. Throws `wrong-usage`. */
export function checkedInstant(text: string, what: string): string {
  const day = text.slice(0, 10);
  const atMs = iso.test(text) ? Date.parse(text) : Number.NaN;
  // The platform rolls 31 February over into March: what is typed must be what is meant.
  const isOfCalendar = !Number.isNaN(atMs) && new Date(`${day}T00:00:00Z`).toISOString().startsWith(day);
  if (isOfCalendar) return new Date(atMs).toISOString();
  throw new CliError(
    "wrong-usage",
    `${what} must be a day or a moment with its zone, such as 2026-03-01 or 2026-03-01T14:30:00Z.`,
  );
}
