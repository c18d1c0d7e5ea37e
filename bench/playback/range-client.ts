// Asks for byte ranges over a few keep-alive connections and counts what comes. It reads into one buffer a connection
// and parses the head only, so that a server is measured and not the client.
import { connect, type Socket } from "node:net";

export interface RangeTarget {
  readonly port: number;
  readonly path: string;
  /** Lines of the request's head, without their ends. */
  readonly headers: readonly string[];
  readonly sizeBytes: number;
}

export interface RangeLoad {
  readonly rangeBytes: number;
  readonly connections: number;
  readonly requests: number;
  /** `random` places are of any alignment; `sequential` ones follow each other on each connection. */
  readonly order: "random" | "sequential";
  /** A number that makes the same places again. */
  readonly seed: number;
}

export interface RangeResult {
  readonly seconds: number;
  readonly bytes: number;
}

const headEnd = Buffer.from("\r\n\r\n");
const bufferBytes = 256 * 1024;

/** A small generator of its own (mulberry32), so that every server is asked for the same places. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Resolves when all requests are answered in full; rejects for any answer but the range that was asked for. */
export async function loadRanges(target: RangeTarget, load: RangeLoad): Promise<RangeResult> {
  const share = Math.floor(load.requests / load.connections);
  const startedAtMs = performance.now();
  const counts = await Promise.all(
    Array.from({ length: load.connections }, (_, index) => runConnection(target, load, share, index)),
  );
  const seconds = (performance.now() - startedAtMs) / 1000;
  return { seconds, bytes: counts.reduce((sum, bytes) => sum + bytes, 0) };
}

function runConnection(
  target: RangeTarget,
  load: RangeLoad,
  requests: number,
  index: number,
): Promise<number> {
  const random = randomFrom(load.seed * 1_000 + index);
  const span = target.sizeBytes - load.rangeBytes;
  let next = Math.floor(random() * span);
  const place = (): number => {
    const at = next;
    next = load.order === "random" ? Math.floor(random() * span) : (at + load.rangeBytes) % span;
    return at;
  };
  return new Promise((resolve, reject) => {
    let left = requests;
    let bodyBytesLeft = 0;
    let total = 0;
    let head = Buffer.alloc(0);
    const finish = (error?: Error): void => {
      socket.destroy();
      if (error === undefined) resolve(total);
      else reject(error);
    };
    const ask = (): void => {
      if (left === 0) {
        finish();
        return;
      }
      left -= 1;
      const from = place();
      const lines = [
        `GET ${target.path} HTTP/1.1`,
        `Host: 127.0.0.1:${String(target.port)}`,
        `Range: bytes=${String(from)}-${String(from + load.rangeBytes - 1)}`,
        ...target.headers,
      ];
      socket.write(`${lines.join("\r\n")}\r\n\r\n`);
    };
    const take = (piece: Buffer): void => {
      if (bodyBytesLeft > 0) {
        bodyBytesLeft -= piece.length;
        total += piece.length;
        if (bodyBytesLeft === 0) ask();
        else if (bodyBytesLeft < 0) finish(new Error("more came than the answer's length"));
        return;
      }
      head = Buffer.concat([head, piece]);
      const end = head.indexOf(headEnd);
      if (end < 0) return;
      const text = head.subarray(0, end).toString("latin1");
      const lengthBytes = Number(/\r\ncontent-length: *(\d+)/i.exec(text)?.[1]);
      if (!text.startsWith("HTTP/1.1 206 ") || lengthBytes !== load.rangeBytes) {
        finish(new Error(`not the range that was asked for: ${text.slice(0, 300)}`));
        return;
      }
      bodyBytesLeft = lengthBytes;
      const rest = head.subarray(end + headEnd.length);
      head = Buffer.alloc(0);
      if (rest.length > 0) take(rest);
    };
    const socket: Socket = connect({
      ...{ port: target.port, host: "127.0.0.1", noDelay: true },
      onread: {
        buffer: Buffer.allocUnsafe(bufferBytes),
        callback: (bytes, buffer) => {
          // A head is copied before the buffer is filled again.
          take(Buffer.from(buffer.buffer, buffer.byteOffset, bytes));
          return true;
        },
      },
    });
    socket.on("connect", ask);
    socket.on("error", finish);
    socket.on("close", () => {
      if (left > 0 || bodyBytesLeft > 0) finish(new Error("the connection was closed"));
    });
  });
}
