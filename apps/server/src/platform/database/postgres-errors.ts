// What the database refused, told apart by SQLSTATE (PostgreSQL manual, appendix A).

/** Whether an error says that a unique constraint (any, or this one) was violated. */
export function isUniqueViolation(error: unknown, constraint?: string): boolean {
  return hasState(error, "23505") && (constraint === undefined || constraintOf(error) === constraint);
}

/** Whether an error says that a foreign key (any, or this one) has nothing to point to. */
export function isForeignKeyViolation(error: unknown, constraint?: string): boolean {
  return hasState(error, "23503") && (constraint === undefined || constraintOf(error) === constraint);
}

/** The name of the constraint that an error names, if any. */
function constraintOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("constraint" in error)) return undefined;
  return typeof error.constraint === "string" ? error.constraint : undefined;
}

function hasState(error: unknown, state: string): boolean {
  return error instanceof Error && "code" in error && error.code === state;
}
