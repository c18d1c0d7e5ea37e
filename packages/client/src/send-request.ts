// One HTTP exchange, however it is carried: by fetch here, or by what a dock or a test brings along.
import { ClientError, readProblem, type ApiProblem } from "./client-error.ts";

export interface HttpRequest {
  readonly method: string;
  readonly url: string;
  /** Names in small letters. */
  readonly headers: Readonly<Record<string, string>>;
  /** With `lengthBytes`, a body that is streamed. */
  readonly body?: Uint8Array | string | StreamedBody;
  readonly signal?: AbortSignal;
}

export interface StreamedBody {
  readonly lengthBytes: number;
  /** Must give exactly that many bytes; called anew for each attempt. */
  read(): AsyncIterable<Uint8Array>;
}

export interface HttpAnswer {
  readonly status: number;
  header(name: string): string | null;
  readonly body: Uint8Array;
}

/** @throws ClientError `unreachable`, `aborted` */
export type SendRequest = (request: HttpRequest) => Promise<HttpAnswer>;

/** Sends by the platform's fetch. A streamed body is gathered first, because fetch cannot announce its length. */
export const sendByFetch: SendRequest = async (request) => {
  const answer = await fetchOrFail(request);
  try {
    const bytes = new Uint8Array(await answer.arrayBuffer());
    return { status: answer.status, header: (name) => answer.headers.get(name), body: bytes };
  } catch (cause) {
    throw linkFault(request, cause);
  }
};

/** @throws ClientError `unreachable`, `aborted` */
export async function fetchOrFail(request: HttpRequest): Promise<Response> {
  const body = request.body === undefined ? null : await gather(request.body);
  // A browser announces the length itself and lets nobody else do it.
  const headers = Object.entries(request.headers).filter(([name]) => name !== "content-length");
  try {
    return await fetch(request.url, {
      method: request.method,
      headers,
      body,
      redirect: "error",
      ...(request.signal ? { signal: request.signal } : {}),
    });
  } catch (cause) {
    throw linkFault(request, cause);
  }
}

function linkFault(request: HttpRequest, cause: unknown): ClientError {
  if (request.signal?.aborted === true) return new ClientError("aborted", "The call was given up.", cause);
  return new ClientError("unreachable", `${new URL(request.url).origin} cannot be reached.`, cause);
}

async function gather(body: Uint8Array | string | StreamedBody): Promise<Uint8Array<ArrayBuffer> | string> {
  if (typeof body === "string") return body;
  if (body instanceof Uint8Array) return new Uint8Array(body);
  const bytes = new Uint8Array(body.lengthBytes);
  let offset = 0;
  for await (const chunk of body.read()) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}

/** The answer's JSON. @throws ClientError `answer-unexpected` */
export function readJson(answer: HttpAnswer): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(answer.body)) as unknown;
  } catch (cause) {
    throw new ClientError(
      "answer-unexpected",
      `The answer (HTTP ${answer.status}) is not JSON. Is this a Sworn server?`,
      cause,
    );
  }
}

/** The problem that an answer of 400 and above holds; what holds none is itself unexpected. */
export function problemOf(answer: HttpAnswer): ApiProblem | ClientError {
  const retryAfter = Number(answer.header("retry-after") ?? Number.NaN);
  const isProblem = answer.header("content-type")?.startsWith("application/problem+json") === true;
  const problem = isProblem
    ? readProblem(parse(answer.body), Number.isFinite(retryAfter) ? retryAfter : null)
    : null;
  return (
    problem ??
    new ClientError("answer-unexpected", `The server answered HTTP ${answer.status} without saying why.`)
  );
}

function parse(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body)) as unknown;
  } catch {
    return null;
  }
}
