// What the database refused, told apart by SQLSTATE (PostgreSQL manual, appendix A).

/** Whether an error says that a unique constraint (any, or this one) was violated. */
export function isUniqueViolation(error: unknown, constraint?: string): boolean {
  return hasState(error, "23505") && (constraint === undefined || constraintOf(error) === constraint);
}

/** Whether an error says that a foreign key (any, or this one) has nothing to point to. */
export function isForeignKeyViolation(error: unknown, constraint?: string): boolean {
  return hasState(error, "23503") && (constraint === undefined || constraintOf(error) === constraint);
}

/** Whether a transaction lost against another and may be tried again: serialization failure or deadlock. */
export function isRetryable(error: unknown): boolean {
  return hasState(error, "40001") || hasState(error, "40P01");
}

/** The name of the constraint that an error names, if any. */
export function constraintOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("constraint" in error)) return undefined;
  return typeof error.constraint === "string" ? error.constraint : undefined;
}

function hasState(error: unknown, state: string): boolean {
  return error instanceof Error && "code" in error && error.code === state;
}
