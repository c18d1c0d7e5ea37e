// Every error that the API can answer with: one table from code to HTTP status and title, and the body's shape
// (RFC 9457 problem details). Clients switch on `code`; titles and details are for people.
import Type, { type Static } from "typebox";

interface ProblemKind {
  readonly status: number;
  readonly title: string;
}

/** Add a row for each expected outcome that a route refuses with. Codes are never renamed or reused. */
export const problemKinds = {
  "request-invalid": { status: 400, title: "The request is not valid" },
  "setup-code-invalid": { status: 403, title: "The setup code is wrong, used or expired" },
  "key-missing": { status: 401, title: "An API key is needed" },
  "key-invalid": { status: 401, title: "The API key is not valid" },
  "signature-missing": { status: 401, title: "A signed request is needed" },
  "signature-invalid": { status: 401, title: "The signature is not valid" },
  "signature-untimely": { status: 401, title: "The request was signed at another time" },
  "signature-replayed": { status: 401, title: "The request was sent before" },
  "device-refused": { status: 403, title: "The device may not be used" },
  "session-invalid": { status: 403, title: "The docking session is not valid" },
  "not-allowed": { status: 403, title: "Not allowed" },
  "loopback-only": { status: 403, title: "Only reachable from this machine" },
  "host-not-expected": { status: 421, title: "This server does not answer for that host name" },
  "not-found": { status: 404, title: "Not found" },
  "method-not-allowed": { status: 405, title: "Method not allowed" },
  conflict: { status: 409, title: "Conflicts with what is there" },
  "offset-differs": { status: 409, title: "The upload stands at another offset" },
  quarantined: { status: 409, title: "Kept apart until a person decides" },
  "not-sealed": { status: 409, title: "The recording is not sealed yet" },
  gone: { status: 410, title: "No longer there" },
  "length-required": { status: 411, title: "The length is missing" },
  "precondition-failed": { status: 412, title: "A precondition failed" },
  "body-too-large": { status: 413, title: "The body is too large" },
  "uri-too-long": { status: 414, title: "The address is too long" },
  "media-type-unsupported": { status: 415, title: "The media type is not supported" },
  "range-not-satisfiable": { status: 416, title: "The range cannot be satisfied" },
  "not-processable": { status: 422, title: "Understood, but it cannot be done" },
  locked: { status: 423, title: "Another connection holds it" },
  "request-timeout": { status: 408, title: "The request came too slowly" },
  "too-many-requests": { status: 429, title: "Too many requests" },
  "headers-too-large": { status: 431, title: "The headers are too large" },
  fault: { status: 500, title: "A fault of the server" },
  "not-ready": { status: 503, title: "Not ready" },
  busy: { status: 503, title: "Busy: try again later" },
  "storage-full": { status: 507, title: "The storage is full" },
} as const satisfies Record<string, ProblemKind>;

export type ProblemCode = keyof typeof problemKinds;

export const problemCodes = Object.keys(problemKinds) as ProblemCode[];

/** Where in a request something is wrong: a JSON Pointer (RFC 6901) after the part's name. */
export const FieldErrorSchema = Type.Object(
  {
    path: Type.String({ description: 'For instance "body/person/name" or "query/limit".' }),
    message: Type.String(),
  },
  { title: "FieldError" },
);

/** The body of every error answer, with the media type `application/problem+json`. */
export const ProblemSchema = Type.Object(
  {
    type: Type.String({ description: "A URN for the code." }),
    title: Type.String(),
    status: Type.Integer({ minimum: 400, maximum: 599 }),
    code: Type.Unsafe<ProblemCode>(Type.String({ enum: problemCodes })),
    detail: Type.String({ description: "What was wrong, and what to do." }),
    requestId: Type.String({ description: "The id of the request in the server's log." }),
    errors: Type.Optional(Type.Array(FieldErrorSchema)),
  },
  { title: "Problem" },
);

export type FieldError = Static<typeof FieldErrorSchema>;
export type ProblemBody = Static<typeof ProblemSchema>;

/** The `type` of a code. */
export function problemType(code: ProblemCode): string {
  return `urn:sworn:problem:${code}`;
}
