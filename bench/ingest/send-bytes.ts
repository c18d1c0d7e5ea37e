// The other end of every ingest bench: sends requests over plain sockets from buffers made beforehand, as cheaply as Node
// can, so that what is measured is the server. The same for every contestant.
import { connect, type Socket } from "node:net";
import { BenchError } from "../harness/bench.ts";

export interface SentAnswer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** Where the body that starts at `from` ends; -1 while it is not all here. A chunked one is left as it came. */
function endOfBody(text: string, from: number, headers: SentAnswer["headers"], method: string): number {
  if (method === "HEAD") return from;
  if (headers.get("transfer-encoding") === "chunked") {
    const last = text.startsWith("0\r\n\r\n", from) ? from : text.indexOf("\r\n0\r\n\r\n", from) + 2;
    return last < from ? -1 : last + 5;
  }
  const end = from + Number(headers.get("content-length") ?? 0);
  return text.length < end ? -1 : end;
}

/** One kept-alive connection that has one request under way at a time. */
export class Connection {
  readonly #socket: Socket;
  #received = "";
  #heard: (() => void) | null = null;
  #fault: Error | null = null;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.setEncoding("latin1");
    socket.on("data", (text: string) => {
      this.#received += text;
      this.#heard?.();
    });
    const end = (fault: Error): void => {
      this.#fault ??= fault;
      this.#heard?.();
    };
    socket.on("error", end);
    socket.on("close", () => {
      end(new BenchError("contestant-failed", "the server closed the connection"));
    });
  }

  static open(url: string): Promise<Connection> {
    const { hostname, port } = new URL(url);
    return new Promise((resolve, reject) => {
      const socket = connect(Number(port), hostname);
      socket.once("connect", () => {
        resolve(new Connection(socket));
      });
      socket.once("error", reject);
    });
  }

  /** Sends a request; `pieces` is its body, written as the socket takes it. */
  async request(
    method: string,
    path: string,
    headers: Readonly<Record<string, string>>,
    pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array> = [],
  ): Promise<SentAnswer> {
    const lines = Object.entries({ host: "127.0.0.1", ...headers }).map(
      ([name, value]) => `${name}: ${value}`,
    );
    this.#socket.write(`${method} ${path} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`, "latin1");
    for await (const piece of pieces) {
      if (this.#fault !== null || this.#received !== "") break;
      if (!this.#socket.write(piece)) await this.#drained();
    }
    return this.#answer(method);
  }

  close(): void {
    this.#socket.destroy();
  }

  #drained(): Promise<void> {
    return new Promise((resolve) => {
      const go = (): void => {
        this.#socket.off("drain", go);
        this.#heard = null;
        resolve();
      };
      this.#socket.once("drain", go);
      this.#heard = go;
    });
  }

  async #answer(method: string): Promise<SentAnswer> {
    for (;;) {
      const end = this.#received.indexOf("\r\n\r\n");
      if (end !== -1) {
        const [first = "", ...lines] = this.#received.slice(0, end).split("\r\n");
        const headers = new Map(
          lines.map((line) => {
            const colon = line.indexOf(":");
            return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const;
          }),
        );
        const bodyEnd = endOfBody(this.#received, end + 4, headers, method);
        if (bodyEnd !== -1) {
          const body = this.#received.slice(end + 4, bodyEnd);
          this.#received = this.#received.slice(bodyEnd);
          return { status: Number(first.split(" ")[1]), headers, body };
        }
      }
      if (this.#fault !== null) throw this.#fault;
      await new Promise<void>((resolve) => (this.#heard = resolve));
      this.#heard = null;
    }
  }
}

/** @throws BenchError unless the answer has this status */
export function expectStatus(answer: SentAnswer, status: number): SentAnswer {
  if (answer.status === status) return answer;
  throw new BenchError("contestant-failed", `HTTP ${answer.status} instead of ${status}: ${answer.body}`);
}

/** A range of a buffer in writes of this size: one system call each. */
export function* inWrites(bytes: Uint8Array, writeBytes = 256 * 1024): Generator<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += writeBytes) yield bytes.subarray(at, at + writeBytes);
}
