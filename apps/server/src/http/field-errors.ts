// Says where a request does not fit its schema, in words, at most ten places.
import type { FieldError } from "@sworn/contract";

interface SchemaError {
  readonly instancePath?: unknown;
  readonly message?: unknown;
  readonly keyword?: unknown;
  readonly params?: unknown;
}

const mostErrors = 10;

function names(params: unknown, key: string): string[] {
  if (typeof params !== "object" || params === null || !(key in params)) return [];
  const list: unknown = (params as Record<string, unknown>)[key];
  return Array.isArray(list) ? list.filter((item) => typeof item === "string") : [];
}

/** `part` is body, querystring, params or headers, as the framework calls them. */
export function fieldErrors(errors: readonly SchemaError[], part: string): FieldError[] {
  const root = part === "querystring" ? "query" : part;
  const found = new Map<string, FieldError>();
  const put = (path: string, message: string): void => {
    const clipped = path.slice(0, 200);
    if (!found.has(clipped) && found.size < mostErrors) found.set(clipped, { path: clipped, message });
  };
  for (const error of errors) {
    const at = `${root}${typeof error.instancePath === "string" ? error.instancePath : ""}`;
    const missing = names(error.params, "requiredProperties");
    const extra = names(error.params, "additionalProperties");
    for (const name of missing) put(`${at}/${name}`, "is missing");
    for (const name of extra) put(`${at}/${name}`, "is not known here");
    if (missing.length + extra.length > 0) continue;
    put(at, typeof error.message === "string" ? error.message.slice(0, 200) : "does not fit");
  }
  return [...found.values()];
}
