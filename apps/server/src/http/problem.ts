// Every error answer is made here: RFC 9457 problem details, from the one table of codes in the contract.
// What a client sees never contains a stack, a query or the text of a fault; the log has those, by request id.
import {
  problemKinds,
  problemType,
  type FieldError,
  type ProblemBody,
  type ProblemCode,
} from "@sworn/contract";
import type { FastifyReply } from "fastify";

export interface ProblemExtras {
  /** Which fields of the request are wrong. */
  readonly errors?: readonly FieldError[];
  /** Headers that the answer must carry, for instance Retry-After. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly cause?: unknown;
}

/** Thrown by a route (or hook) to answer with a problem. `detail` says what was wrong and what to do. */
export class Problem extends Error {
  readonly code: ProblemCode;
  readonly statusCode: number;
  readonly errors: readonly FieldError[] | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: ProblemCode, detail: string, extras: ProblemExtras = {}) {
    super(detail, extras.cause === undefined ? undefined : { cause: extras.cause });
    this.name = "Problem";
    this.code = code;
    this.statusCode = problemKinds[code].status;
    this.errors = extras.errors;
    this.headers = extras.headers ?? {};
  }
}

export const problemMediaType = "application/problem+json";

/** The body of a problem. */
export function problemBody(problem: Problem, requestId: string): ProblemBody {
  const kind = problemKinds[problem.code];
  return {
    type: problemType(problem.code),
    title: kind.title,
    status: kind.status,
    code: problem.code,
    detail: problem.message,
    requestId,
    ...(problem.errors === undefined ? {} : { errors: [...problem.errors] }),
  };
}

/** Sends a problem; its text is made here so that no response schema can reshape it. */
export function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  const text = JSON.stringify(problemBody(problem, reply.request.id));
  return reply
    .code(problem.statusCode)
    .headers(problem.headers)
    .header("cache-control", "no-store")
    .type(problemMediaType)
    .serializer((payload: unknown) => String(payload))
    .send(text);
}

const frameworkProblems: Readonly<Record<string, [ProblemCode, string]>> = {
  // PostgreSQL: a text or jsonb cannot hold NUL.
  "22021": ["request-invalid", "A text holds a NUL character. Leave it out."],
  "22P05": ["request-invalid", "A text holds a NUL character. Leave it out."],
  FST_ERR_CTP_BODY_TOO_LARGE: [
    "body-too-large",
    "The body is larger than this endpoint takes. Send less at a time.",
  ],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: [
    "media-type-unsupported",
    "Send the body as the media type that the API's description names.",
  ],
  FST_ERR_CTP_EMPTY_JSON_BODY: ["request-invalid", "The body is empty, and JSON was announced."],
  FST_ERR_CTP_INVALID_JSON_BODY: ["request-invalid", "The body is not valid JSON."],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: [
    "request-invalid",
    "The body's length is not the one that was announced.",
  ],
  FST_ERR_BAD_URL: ["request-invalid", "The address is not validly encoded."],
  FST_ERR_MAX_PARAM_LENGTH: ["uri-too-long", "A part of the address is too long."],
};

/** The problem for anything that was thrown while a request was handled. */
export function problemFrom(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof Error) {
    const code = "code" in error && typeof error.code === "string" ? error.code : "";
    const known = frameworkProblems[code];
    if (known !== undefined) return new Problem(known[0], known[1], { cause: error });
    const status = "statusCode" in error ? error.statusCode : undefined;
    if (status === 400) return new Problem("request-invalid", "The body is not valid.", { cause: error });
    if (code === "ENOSPC" || code === "EDQUOT") {
      return new Problem("storage-full", "The server's disk is full. Nothing was lost; try again later.", {
        cause: error,
      });
    }
  }
  return new Problem("fault", "The server failed. Its log tells more under the request's id.", {
    cause: error,
  });
}
