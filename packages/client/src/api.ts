// A server's API with somebody's authority: a person's key, a dock's signature, or none.
import { ClientError } from "./client-error.ts";
import {
  fetchOrFail,
  problemOf,
  readJson,
  sendByFetch,
  type HttpAnswer,
  type HttpRequest,
  type SendRequest,
} from "./send-request.ts";

/** Adds what shows who calls. */
export type Authorize = (request: HttpRequest) => Promise<HttpRequest>;

export interface ApiOptions {
  /** For instance `http://127.0.0.1:8014`. */
  readonly server: string;
  readonly authorize?: Authorize;
  readonly send?: SendRequest;
}

type Query = Readonly<Record<string, string | number | boolean | undefined>>;

export interface CallOptions {
  readonly query?: Query;
  readonly json?: unknown;
  readonly bytes?: { readonly type: string; readonly body: Uint8Array };
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

export class Api {
  readonly server: string;
  readonly #authorize: Authorize;
  readonly #send: SendRequest;

  constructor(options: ApiOptions) {
    this.server = options.server.replace(/\/+$/, "");
    this.#authorize = options.authorize ?? ((request) => Promise.resolve(request));
    this.#send = options.send ?? sendByFetch;
  }

  /** Sends a request as it is, authorized; any status is an answer. @throws ClientError */
  async exchange(request: HttpRequest): Promise<HttpAnswer> {
    return this.#send(await this.#authorize(request));
  }

  /** The answer of a call that the server took (below 400). @throws ApiProblem, ClientError */
  async answer(method: string, path: string, options: CallOptions = {}): Promise<HttpAnswer> {
    const answer = await this.exchange(this.#request(method, path, options));
    if (answer.status >= 400) throw problemOf(answer);
    return answer;
  }

  /** The JSON of a call. The caller names the contract's type: both sides are this repository's. */
  async call<T>(method: string, path: string, options: CallOptions = {}): Promise<T> {
    return readJson(await this.answer(method, path, options)) as T;
  }

  /** A large answer, chunk by chunk. Nothing is asked for before the first chunk is. @throws ApiProblem, ClientError */
  async *download(path: string, options: CallOptions = {}): AsyncGenerator<Uint8Array, void, undefined> {
    const request = await this.#authorize(this.#request("GET", path, options));
    const answer = await fetchOrFail(request);
    if (!answer.ok) {
      const body = new Uint8Array(await answer.arrayBuffer());
      throw problemOf({ status: answer.status, header: (name) => answer.headers.get(name), body });
    }
    if (answer.body === null) return;
    try {
      for await (const chunk of answer.body) yield chunk;
    } catch (cause) {
      throw new ClientError("unreachable", "The link broke in the midst of the answer.", cause);
    }
  }

  #request(method: string, path: string, { query, json, bytes, headers, signal }: CallOptions): HttpRequest {
    const url = new URL(`${this.server}${path}`);
    for (const [name, value] of Object.entries(query ?? {})) {
      if (value !== undefined) url.searchParams.set(name, String(value));
    }
    const body = json === undefined ? bytes?.body : new TextEncoder().encode(JSON.stringify(json));
    const type = json === undefined ? bytes?.type : "application/json";
    const hasLength = body !== undefined || method !== "GET";
    return {
      method,
      url: url.href,
      headers: {
        accept: "application/json, application/problem+json",
        ...headers,
        ...(type === undefined ? {} : { "content-type": type }),
        ...(hasLength ? { "content-length": String(body?.length ?? 0) } : {}),
      },
      ...(body === undefined ? {} : { body }),
      ...(signal ? { signal } : {}),
    };
  }
}

/** Calls with a person's API key. */
export function withKey(apiKey: string): Authorize {
  return (request) =>
    Promise.resolve({ ...request, headers: { ...request.headers, authorization: `Bearer ${apiKey}` } });
}
