// Sends requests by Node's own HTTP, with bodies streamed from their source and with backpressure, so that a dock needs
// little memory however much it uploads.
import { once } from "node:events";
import {
  Agent as HttpAgent,
  request as httpRequest,
  type ClientRequest,
  type IncomingMessage,
} from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { ClientError, type HttpRequest, type SendRequest, type StreamedBody } from "@sworn/client";

/** No byte in either direction for so long: the link is dead. */
const IDLE_MS = 60_000;
/** Receipts and lists are small; more is no answer of ours. */
const MOST_ANSWER_BYTES = 16 * 1024 * 1024;

export interface StreamOptions {
  /** Certificates (PEM) that are trusted for TLS besides the system's. */
  readonly trust?: string;
  readonly idleMs?: number;
}

export interface StreamSender {
  readonly send: SendRequest;
  /** Closes idle connections. */
  close(): void;
}

export function streamRequests(options: StreamOptions = {}): StreamSender {
  const http = new HttpAgent({ keepAlive: true });
  const https = new HttpsAgent({
    keepAlive: true,
    ...(options.trust === undefined ? {} : { ca: options.trust }),
  });
  const send: SendRequest = async (request) => {
    const url = new URL(request.url);
    const start = url.protocol === "https:" ? httpsRequest : httpRequest;
    const message = start(url, {
      method: request.method,
      headers: { ...request.headers },
      agent: url.protocol === "https:" ? https : http,
      ...(request.signal ? { signal: request.signal } : {}),
    });
    message.setTimeout(options.idleMs ?? IDLE_MS, () => {
      message.destroy(new ClientError("unreachable", `${url.origin} has fallen silent.`));
    });
    return exchange(message, request, url.origin);
  };
  return {
    send,
    close() {
      http.destroy();
      https.destroy();
    },
  };
}

async function exchange(message: ClientRequest, request: HttpRequest, origin: string) {
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    message.once("response", resolve);
    message.once("error", reject);
  });
  // An answer may come before the whole body was sent: then the rest is not wanted.
  const sent = sendBody(message, request.body, answered);
  sent.catch((cause: unknown) => message.destroy(cause instanceof Error ? cause : undefined));
  try {
    const response = await answered;
    const body = await gather(response);
    const { statusCode = 0, headers } = response;
    const header = (name: string): string | null => {
      const value = headers[name.toLowerCase()];
      return value === undefined ? null : Array.isArray(value) ? value.join(", ") : value;
    };
    return { status: statusCode, header, body };
  } catch (cause) {
    if (request.signal?.aborted === true) throw new ClientError("aborted", "The call was given up.", cause);
    if (cause instanceof ClientError || isFromSource(cause)) throw cause;
    throw new ClientError("unreachable", `${origin} cannot be reached.`, cause);
  }
}

/** Marks what the body's source threw, which is no fault of the link. */
const fromSource = new WeakSet();

function isFromSource(cause: unknown): boolean {
  return typeof cause === "object" && cause !== null && fromSource.has(cause);
}

async function sendBody(
  message: ClientRequest,
  body: HttpRequest["body"],
  answered: Promise<unknown>,
): Promise<void> {
  if (body === undefined || typeof body === "string" || body instanceof Uint8Array) {
    message.end(body);
    return;
  }
  const stop = new AbortController();
  const end = (): void => {
    stop.abort();
  };
  answered.then(end, end);
  message.once("close", end);
  for await (const chunk of guarded(body)) {
    if (stop.signal.aborted) return;
    if (!message.write(chunk)) await once(message, "drain", { signal: stop.signal }).catch(() => undefined);
  }
  if (!stop.signal.aborted) message.end();
}

async function* guarded(body: StreamedBody): AsyncGenerator<Uint8Array> {
  try {
    yield* body.read();
  } catch (cause) {
    if (typeof cause === "object" && cause !== null) fromSource.add(cause);
    throw cause;
  }
}

async function gather(response: IncomingMessage): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    if (sizeBytes > MOST_ANSWER_BYTES) {
      response.destroy();
      throw new ClientError("answer-unexpected", "The answer is larger than any that a Sworn server gives.");
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
