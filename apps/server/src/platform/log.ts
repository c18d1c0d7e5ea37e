// A structured log: one JSON object a line. Guarantees: one line per call, never throws, and the values of
// fields that carry secrets (authorization, cookies, keys, codes) are replaced before they are written.
// Callers put ids in fields, never names, collar numbers or free text of people.
import type { Clock } from "./clock.ts";

export type LogLevel = "debug" | "info" | "warn" | "error";
export type LogFields = Readonly<Record<string, unknown>>;

export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** A log whose lines all carry `fields`. */
  child(fields: LogFields): Log;
}

const rank: Record<LogLevel, number> = { debug: 10, info: 20, warn: 30, error: 40 };
const secretField = /^(authorization|cookie|set-cookie|password|secret|token|api-?key|setup-?code)$/i;
const secretText = /\b(swk_|sws_)[A-Za-z0-9_-]{4,}|(Bearer\s+)\S+|(postgres(?:ql)?:\/\/[^:@/\s]*:)[^@\s]+@/g;

function hideSecrets(text: string): string {
  return text.replace(secretText, (_match, prefix?: string, bearer?: string, url?: string) =>
    url === undefined ? `${prefix ?? bearer ?? ""}[hidden]` : `${url}[hidden]@`,
  );
}

function describeError(error: Error, depth: number): unknown {
  const code: unknown = "code" in error ? error.code : undefined;
  return {
    name: error.name,
    ...(typeof code === "string" ? { code } : {}),
    message: hideSecrets(error.message),
    stack: hideSecrets(error.stack ?? ""),
    ...(error.cause === undefined ? {} : { cause: clean(error.cause, depth + 1) }),
  };
}

function clean(value: unknown, depth = 0): unknown {
  if (depth > 5) return "[deep]";
  if (typeof value === "string") return hideSecrets(value);
  if (typeof value === "bigint") return value.toString();
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Error) return describeError(value, depth);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "[invalid date]" : value.toISOString();
  if (value instanceof Uint8Array) return `[${value.byteLength.toString()} bytes]`;
  if (Array.isArray(value)) return value.map((item) => clean(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [
      name,
      secretField.test(name) ? "[hidden]" : clean(item, depth + 1),
    ]),
  );
}

/** A log that writes JSON lines with `write` (standard error by default) at `level` and above. */
export function createLog(options: {
  level: LogLevel;
  clock: Clock;
  write?: (line: string) => void;
  fields?: LogFields;
}): Log {
  const write = options.write ?? ((line: string) => void process.stderr.write(line));
  const emit = (level: LogLevel, message: string, fields?: LogFields): void => {
    if (rank[level] < rank[options.level]) return;
    const time = new Date(options.clock.nowMs()).toISOString();
    const rest = clean({ ...options.fields, ...fields }) as object;
    write(`${JSON.stringify({ time, level, message: hideSecrets(message), ...rest })}\n`);
  };
  return {
    debug: (message, fields) => {
      emit("debug", message, fields);
    },
    info: (message, fields) => {
      emit("info", message, fields);
    },
    warn: (message, fields) => {
      emit("warn", message, fields);
    },
    error: (message, fields) => {
      emit("error", message, fields);
    },
    child: (fields) => createLog({ ...options, fields: { ...options.fields, ...fields } }),
  };
}

/** A log that goes nowhere, for tests. */
export const silentLog: Log = createLog({
  level: "error",
  clock: { nowMs: () => 0, onMoved: () => () => undefined },
  write: () => undefined,
});
