// What goes wrong with a call: the server's own problem, with its code, or no usable answer at all.
import { problemCodes, type FieldError, type ProblemBody, type ProblemCode } from "@sworn/contract";

/** The server answered with a problem. `code` is the contract's; `message` says what was wrong and what to do. */
export class ApiProblem extends Error {
  readonly code: ProblemCode;
  readonly status: number;
  readonly title: string;
  readonly requestId: string;
  readonly errors: readonly FieldError[];
  /** Seconds to wait before another attempt, where the server said so. */
  readonly retryAfterS: number | null;

  constructor(body: ProblemBody, retryAfterS: number | null) {
    super(body.detail);
    this.name = "ApiProblem";
    this.code = body.code;
    this.status = body.status;
    this.title = body.title;
    this.requestId = body.requestId;
    this.errors = body.errors ?? [];
    this.retryAfterS = retryAfterS;
  }
}

export type ClientErrorCode =
  /** No connection, or it broke. */
  | "unreachable"
  /** An answer that no Sworn server gives. */
  | "answer-unexpected"
  /** The upload made no progress in all its attempts. */
  | "upload-stalled"
  | "aborted";

export class ClientError extends Error {
  readonly code: ClientErrorCode;

  constructor(code: ClientErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "ClientError";
    this.code = code;
  }
}

/** The problem in an answer's body, or null for a body that is none. */
export function readProblem(body: unknown, retryAfterS: number | null): ApiProblem | null {
  if (typeof body !== "object" || body === null) return null;
  const { code, status, title, detail, requestId } = body as Partial<Record<string, unknown>>;
  const isKnown = typeof code === "string" && (problemCodes as string[]).includes(code);
  const isWhole =
    typeof status === "number" && [title, detail, requestId].every((text) => typeof text === "string");
  return isKnown && isWhole ? new ApiProblem(body as ProblemBody, retryAfterS) : null;
}
