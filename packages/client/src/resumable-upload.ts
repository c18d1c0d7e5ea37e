// Resumable upload by tus 1.0 (core and creation). The server's offset is the truth: after any doubt it is asked for, and
// the upload goes on from there. Gives up only after several attempts in a row brought nothing forward.
import type { Api } from "./api.ts";
import { ApiProblem, ClientError } from "./client-error.ts";
import { problemOf, type HttpAnswer } from "./send-request.ts";

export const TUS_VERSION = "1.0.0";

export interface UploadOptions {
  /** Path of the creation endpoint, for instance `/v1/uploads`. */
  readonly path: string;
  readonly lengthBytes: number;
  readonly metadata: Readonly<Record<string, string>>;
  /** The bytes from `offset`, exactly `lengthBytes` of them; called again after a break. */
  read(offset: number, lengthBytes: number): AsyncIterable<Uint8Array>;
  /** Bytes of one request at most; 64 MiB unless given. */
  readonly requestBytes?: number;
  /** Attempts without progress before it gives up; 8 unless given. */
  readonly attempts?: number;
  /** Durable bytes at the server, and bytes handed to the connection since. */
  readonly onProgress?: (sentBytes: number) => void;
  /** Where an upload that was broken off lies. */
  readonly location?: string;
  readonly signal?: AbortSignal;
  /** Waits; a test replaces it. */
  readonly wait?: (ms: number) => Promise<void>;
}

const REQUEST_BYTES = 64 * 1024 * 1024;
const ATTEMPTS = 8;
const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 30_000;
/** What may pass by itself; anything else is the server's last word. */
const PASSING = new Set([408, 409, 423, 425, 429, 500, 502, 503, 504, 507]);

/** Uploads all bytes; gives the upload's address. @throws ApiProblem, ClientError `upload-stalled`, `unreachable`, `aborted` */
export async function uploadResumably(
  api: Api,
  options: UploadOptions,
): Promise<{ readonly location: string }> {
  const upload = new Upload(api, options);
  return upload.run();
}

class Upload {
  readonly #api: Api;
  readonly #options: UploadOptions;
  #location: string | null;
  #offset = 0;
  #failures = 0;

  constructor(api: Api, options: UploadOptions) {
    this.#api = api;
    this.#options = options;
    this.#location = options.location === undefined ? null : this.#ownAddress(options.location);
  }

  async run(): Promise<{ readonly location: string }> {
    for (;;) {
      const retryAfterS = await this.#attempt();
      if (retryAfterS === "done") return { location: this.#location ?? "" };
      await this.#pause(retryAfterS);
    }
  }

  /** One run until it is done or breaks; then, where the server said so, how long to wait. */
  async #attempt(): Promise<"done" | number | null> {
    try {
      this.#location ??= await this.#create();
      let offset = await this.#ask(this.#location);
      this.#advance(offset);
      while (offset < this.#options.lengthBytes) {
        offset = await this.#send(this.#location, offset);
        this.#advance(offset);
      }
      return "done";
    } catch (error) {
      if (error instanceof ApiProblem && [404, 410].includes(error.status) && this.#location !== null) {
        // The server forgot the upload: begin anew, as after any other failure.
        this.#location = null;
      } else if (!this.#mayPass(error)) {
        throw error;
      }
      this.#failures += 1;
      const most = this.#options.attempts ?? ATTEMPTS;
      if (this.#failures >= most) {
        const message = `The upload stopped at byte ${this.#offset} of ${this.#options.lengthBytes} in ${most} attempts.`;
        throw new ClientError("upload-stalled", message, error);
      }
      return error instanceof ApiProblem ? error.retryAfterS : null;
    }
  }

  #mayPass(error: unknown): boolean {
    if (!(error instanceof ApiProblem)) return error instanceof ClientError && error.code === "unreachable";
    // A conflict about an offset is settled by asking for it; one about making the upload is the last word.
    return PASSING.has(error.status) && (error.status !== 409 || this.#location !== null);
  }

  #advance(offset: number): void {
    if (offset > this.#offset) this.#failures = 0;
    this.#offset = offset;
    this.#options.onProgress?.(offset);
  }

  async #pause(retryAfterS: number | null): Promise<void> {
    const { signal, wait = pause } = this.#options;
    const growing = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (this.#failures - 1));
    // Many docks that lost one server must not all come back at one moment.
    const spread = growing / 2 + (Math.random() * growing) / 2;
    await wait(retryAfterS === null ? spread : Math.min(LONGEST_WAIT_MS, retryAfterS * 1_000));
    if (signal?.aborted === true) throw new ClientError("aborted", "The upload was given up.");
  }

  async #create(): Promise<string> {
    const { metadata, lengthBytes, path } = this.#options;
    const pairs = Object.entries(metadata).map(([name, value]) => `${name} ${base64(value)}`);
    const answer = await this.#exchange("POST", `${this.#api.server}${path}`, {
      "upload-length": String(lengthBytes),
      "upload-metadata": pairs.join(","),
      "content-length": "0",
    });
    const location = answer.header("location");
    if (answer.status !== 201 || location === null) throw unexpected(answer, "to make an upload");
    return this.#ownAddress(location);
  }

  /** A server that sends evidence elsewhere is no server of ours. */
  #ownAddress(location: string): string {
    const base = `${this.#api.server}/`;
    const url = URL.canParse(location, base) ? new URL(location, base) : null;
    if (url?.origin !== new URL(base).origin) {
      throw new ClientError("answer-unexpected", "The server named an upload at another server.");
    }
    return url.href;
  }

  async #ask(location: string): Promise<number> {
    const answer = await this.#exchange("HEAD", location, {});
    return this.#offsetOf(answer, 0);
  }

  async #send(location: string, offset: number): Promise<number> {
    const { lengthBytes: total, requestBytes = REQUEST_BYTES, onProgress } = this.#options;
    const lengthBytes = Math.min(requestBytes, total - offset);
    const read = async function* (this: Upload): AsyncGenerator<Uint8Array> {
      let sent = offset;
      for await (const chunk of this.#options.read(offset, lengthBytes)) {
        yield chunk;
        sent += chunk.length;
        onProgress?.(sent);
      }
    }.bind(this);
    const headers = {
      "upload-offset": String(offset),
      "content-type": "application/offset+octet-stream",
      "content-length": String(lengthBytes),
    };
    const answer = await this.#exchange("PATCH", location, headers, { lengthBytes, read });
    if (answer.status !== 204) throw unexpected(answer, "to bytes of an upload");
    return this.#offsetOf(answer, offset + 1);
  }

  #offsetOf(answer: HttpAnswer, least: number): number {
    const text = answer.header("upload-offset") ?? "";
    const offset = /^\d{1,16}$/.test(text) ? Number(text) : -1;
    if (offset < least || offset > this.#options.lengthBytes)
      throw unexpected(answer, "without a usable offset");
    return offset;
  }

  async #exchange(
    method: string,
    url: string,
    headers: Record<string, string>,
    body?: { readonly lengthBytes: number; read(): AsyncIterable<Uint8Array> },
  ): Promise<HttpAnswer> {
    const { signal } = this.#options;
    const answer = await this.#api.exchange({
      method,
      url,
      headers: { "tus-resumable": TUS_VERSION, accept: "application/problem+json", ...headers },
      ...(body ? { body } : {}),
      ...(signal ? { signal } : {}),
    });
    if (answer.status >= 400) throw method === "HEAD" ? problemOfHead(answer) : problemOf(answer);
    return answer;
  }
}

/** The answer to HEAD has no body, so its problem is told by the status alone. */
function problemOfHead(answer: HttpAnswer): ApiProblem | ClientError {
  const { status } = answer;
  const code = status === 404 ? "not-found" : status === 410 ? "gone" : PASSING.has(status) ? "busy" : null;
  if (code === null)
    return new ClientError("answer-unexpected", `The server refused the upload (HTTP ${status}).`);
  const retryAfter = Number(answer.header("retry-after") ?? Number.NaN);
  const detail = `The server answered HTTP ${status}.`;
  const body = {
    type: "",
    title: "",
    status,
    code,
    detail,
    requestId: answer.header("x-request-id") ?? "",
  } as const;
  return new ApiProblem(body, Number.isFinite(retryAfter) ? retryAfter : null);
}

function unexpected(answer: HttpAnswer, what: string): ClientError {
  return new ClientError("answer-unexpected", `The server answered HTTP ${answer.status} ${what}.`);
}

function base64(text: string): string {
  let binary = "";
  for (const byte of new TextEncoder().encode(text)) binary += String.fromCharCode(byte);
  return btoa(binary);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
