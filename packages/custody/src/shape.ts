// The shapes that untrusted CBOR is checked against: strict, so that nothing unnamed rides along under a signature.
import * as v from "valibot";
import { CustodyError } from "./errors.ts";

const bytesOf = (size: number, name: string) =>
  v.custom<Uint8Array>((value) => value instanceof Uint8Array && value.length === size, `must be ${name}`);

export const idShape = bytesOf(16, "an id of 16 bytes");
export const hashShape = bytesOf(32, "a hash of 32 bytes");
export const uintShape = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
export const intShape = v.pipe(v.number(), v.safeInteger());

/** A byte string of at most `maximumBytes`. */
export const bytesShape = (maximumBytes: number) =>
  v.custom<Uint8Array>(
    (value) => value instanceof Uint8Array && value.length <= maximumBytes,
    `must be a byte string of at most ${String(maximumBytes)} bytes`,
  );
export const exactBytesShape = (size: number) => bytesOf(size, `${String(size)} bytes`);

/** A text of at most `maximum` UTF-16 units. */
export const textShape = (maximum = 200) => v.pipe(v.string(), v.maxLength(maximum));

/** A map from text to anything; unlike `v.record` it takes no array, byte string or map with numbers for one. */
export const textMapShape = v.custom<Record<string, unknown>>(
  (value) => typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype,
  "must be a map with text keys",
);

/** Checks `value`, naming the first field that does not fit. @throws CustodyError `shape-mismatch` */
export function checkShape<S extends v.GenericSchema>(
  shape: S,
  value: unknown,
  what: string,
): v.InferOutput<S> {
  const result = v.safeParse(shape, value, { abortEarly: true });
  if (result.success) return result.output;
  const issue = result.issues[0];
  const path = v.getDotPath(issue);
  const where = path ? `${what}: ${path}` : what;
  const message =
    issue.type === "strict_object" && path ? strictProblem(issue, where) : `${where}: ${issue.message}.`;
  throw new CustodyError("shape-mismatch", message);
}

/** The library speaks of keys and undefined; a reader wants to know which field is missing or too much. */
function strictProblem(issue: v.BaseIssue<unknown>, where: string): string {
  return issue.expected === "never"
    ? `${where}: the format has no such field.`
    : `${where}: the field is missing.`;
}
