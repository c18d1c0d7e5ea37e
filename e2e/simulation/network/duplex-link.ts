// HTTP between a client and a server of this process, over a pair of streams in place of a socket: both parsers are
// real, bytes arrive in order and as written, and a cut loses what was not delivered and nothing else.
import { type IncomingMessage, type Server, request as httpRequest } from "node:http";
import { Duplex } from "node:stream";
import { ClientError, type HttpAnswer, type HttpRequest } from "@sworn/client";
import type { SimulatedTime } from "../machine/simulated-time.ts";

/** One end; what is written to it can be read from the other. */
class End extends Duplex {
  other: End | null = null;
  readonly remoteAddress = "127.0.0.1";
  readonly #time: SimulatedTime;

  constructor(time: SimulatedTime) {
    super({ allowHalfOpen: false });
    this.#time = time;
  }

  override _read(): void {
    // Bytes are pushed as they are written.
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    this.#time.touch();
    setImmediate(() => {
      if (this.other?.destroyed === false) this.other.push(Buffer.from(chunk));
      done();
    });
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#time.touch();
    setImmediate(() => {
      if (this.other?.destroyed === false) this.other.push(null);
      done();
    });
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#time.touch();
    const { other } = this;
    setImmediate(() => {
      if (other?.destroyed === false) other.destroy(error ?? resetError());
    });
    done(error);
  }

  setTimeout(): this {
    return this;
  }
  setNoDelay(): this {
    return this;
  }
  setKeepAlive(): this {
    return this;
  }
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }
}

function resetError(): Error {
  return Object.assign(new Error("the connection was reset"), { code: "ECONNRESET" });
}

export interface Wire {
  readonly server: Server;
  readonly time: SimulatedTime;
  /** Every connection's server side, to be torn when the server dies. */
  readonly open: Set<Duplex>;
}

async function bodyOf(request: HttpRequest): Promise<Buffer> {
  const { body } = request;
  if (body === undefined) return Buffer.alloc(0);
  if (typeof body === "string") return Buffer.from(body);
  if (body instanceof Uint8Array) return Buffer.from(body);
  const chunks: Uint8Array[] = [];
  for await (const chunk of body.read()) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** A request that has left its sender: its body is whole, and it can be delivered any number of times. */
export interface SentRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export async function gather(request: HttpRequest): Promise<SentRequest> {
  const { method, url, headers } = request;
  return { method, url, headers, body: await bodyOf(request) };
}

const CHUNK_BYTES = 64 * 1024;

/** Delivers a request, or only the first `cutAtBytes` of its body before the connection breaks. @throws ClientError */
export async function deliver(
  wire: Wire,
  request: SentRequest,
  cutAtBytes: number | null = null,
): Promise<HttpAnswer> {
  const near = new End(wire.time);
  const far = new End(wire.time);
  near.other = far;
  far.other = near;
  wire.open.add(far);
  far.once("close", () => wire.open.delete(far));
  for (const end of [near, far]) end.on("error", () => undefined);
  wire.server.emit("connection", far);
  const lengthBytes = request.body.byteLength;
  const message = httpRequest(request.url, {
    method: request.method,
    headers: { ...(lengthBytes > 0 ? { "content-length": String(lengthBytes) } : {}), ...request.headers },
    createConnection: () => near,
  });
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    message.once("response", resolve);
    message.once("error", reject);
    near.once("close", () => {
      reject(resetError());
    });
  });
  answered.catch(() => undefined);
  try {
    const upTo = Math.min(lengthBytes, cutAtBytes ?? lengthBytes);
    for (let at = 0; at < upTo; at += CHUNK_BYTES) {
      message.write(request.body.subarray(at, Math.min(upTo, at + CHUNK_BYTES)));
    }
    if (cutAtBytes === null) message.end();
    else {
      message.flushHeaders();
      // What was written is delivered first; then nothing more comes from either side.
      for (let turns = 0; turns < 40; turns += 1) await new Promise((resolve) => setImmediate(resolve));
      near.destroy();
    }
    const response = await answered;
    const chunks: Buffer[] = [];
    for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
    const { statusCode = 0, headers } = response;
    const header = (name: string): string | null => {
      const value = headers[name.toLowerCase()];
      return value === undefined ? null : Array.isArray(value) ? value.join(", ") : value;
    };
    return { status: statusCode, header, body: Buffer.concat(chunks) };
  } catch (cause) {
    throw new ClientError("unreachable", "the server cannot be reached", cause);
  } finally {
    near.destroy();
  }
}
