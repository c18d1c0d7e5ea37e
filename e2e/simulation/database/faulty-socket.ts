// The server's connections to PostgreSQL. A commit can be kept from the database, or its answer from the server: each
// failure both *did not happen* and *happened but was reported failed*. A dead server's connections are all broken.
import { Socket } from "node:net";
import type { SimulatedTime } from "../machine/simulated-time.ts";

export type DatabaseFault = "did-not-happen" | "happened-but-failed";

export interface DatabaseLine {
  readonly time: SimulatedTime;
  /** Asked at each commit. */
  faults: (() => DatabaseFault | "dies-before" | "dies-after" | null) | null;
  /** Called for the faults that kill the server. */
  die(): void;
  isDead: boolean;
  readonly sockets: Set<Socket>;
}

const COMMIT = Buffer.from("commit\0");
const QUERY = 0x51;
const READY = 0x5a;

function isCommit(bytes: Uint8Array): boolean {
  return bytes[0] === QUERY && Buffer.from(bytes.subarray(5, 5 + COMMIT.length)).equals(COMMIT);
}

/** Whether an answer of the server ends with ReadyForQuery (PostgreSQL's protocol, 55.7). */
function isReady(bytes: Uint8Array): boolean {
  const at = bytes.length - 6;
  return at >= 0 && bytes[at] === READY && bytes[at + 1] === 0 && bytes[at + 2] === 0 && bytes[at + 4] === 5;
}

function broken(): Error {
  return Object.assign(new Error("the connection to the database broke"), { code: "ECONNRESET" });
}

class FaultySocket extends Socket {
  readonly #line: DatabaseLine;
  #release: (() => void) | null = null;
  #swallow: "then-break" | "then-die" | null = null;

  constructor(line: DatabaseLine) {
    super();
    this.#line = line;
    line.sockets.add(this);
    this.once("close", () => {
      line.sockets.delete(this);
      this.#settle();
    });
  }

  #settle(): void {
    this.#release?.();
    this.#release = null;
  }

  override connect(...given: unknown[]): this {
    // What runs on a dead machine gets no answer, not even a refusal.
    if (this.#line.isDead) return this;
    this.#release ??= this.#line.time.hold();
    return (super.connect as (...all: unknown[]) => this)(...given);
  }

  override write(...given: unknown[]): boolean {
    const [bytes] = given;
    this.#release ??= this.#line.time.hold();
    if (bytes instanceof Uint8Array && isCommit(bytes)) {
      const fault = this.#line.faults?.() ?? null;
      if (fault === "did-not-happen" || fault === "dies-before") {
        if (fault === "dies-before") this.#line.die();
        this.destroy(broken());
        return false;
      }
      if (fault === "happened-but-failed") this.#swallow = "then-break";
      if (fault === "dies-after") this.#swallow = "then-die";
    }
    return (super.write as (...all: unknown[]) => boolean)(...given);
  }

  override push(chunk: Uint8Array | null): boolean {
    if (this.#swallow !== null && chunk !== null) {
      if (this.#swallow === "then-die") this.#line.die();
      this.#swallow = null;
      this.destroy(broken());
      return false;
    }
    if (chunk === null || isReady(chunk)) this.#settle();
    this.#line.time.touch();
    return super.push(chunk);
  }

  override end(...given: unknown[]): this {
    this.#settle();
    return (super.end as (...all: unknown[]) => this)(...given);
  }
}

/** For `ClientConfig.stream` of pg. */
export function openSocket(line: DatabaseLine): () => Socket {
  return () => new FaultySocket(line);
}

export function breakAll(line: DatabaseLine): void {
  line.isDead = true;
  for (const socket of line.sockets) socket.destroy(broken());
}
