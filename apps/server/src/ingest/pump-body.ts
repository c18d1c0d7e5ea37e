// Moves a request's body into an intake session. Bounded: what is under way is counted for this connection and for all,
// and the socket is paused above either limit. Buffers are handed over as they come, never put into a queue of streams.
import type { Readable } from "node:stream";
import type { InFlight } from "./in-flight.ts";
import type { IntakeSession } from "./intake/intake-pool.ts";

const BATCH_BYTES = 256 * 1024;

export type Pumped =
  /** The body ended where it should. */
  | { readonly kind: "ended" }
  /** The connection broke. */
  | { readonly kind: "cut" }
  /** More came than the upload has room for. */
  | { readonly kind: "too-long" };

export interface Pump {
  /** Resolves when nothing more will be sent to the session. */
  readonly done: Promise<Pumped>;
  /** To be called when the session has worked bytes through. */
  readonly taken: (sizeBytes: number) => void;
  /** Stops reading: the session failed, or another connection takes over. What still comes is dropped unread. */
  readonly stop: () => void;
  /** When the last byte came, by `performance.now()`. */
  readonly lastByteAtMs: () => number;
}

export interface PumpOrder {
  readonly body: Readable;
  readonly session: IntakeSession;
  readonly inFlight: InFlight;
  readonly connectionBytes: number;
  /** Bytes that may come at most. */
  readonly roomBytes: number;
}

export function pumpBody({ body, session, inFlight, connectionBytes, roomBytes }: PumpOrder): Pump {
  let batchBytes = 0;
  let underWay = 0;
  let receivedBytes = 0;
  let lastByteAtMs = performance.now();
  let flushing = false;
  let forget = (): unknown => undefined;
  let finish: (outcome: Pumped) => void = () => undefined;
  const done = new Promise<Pumped>((resolve) => (finish = resolve));
  let open = true;

  const flush = (): void => {
    flushing = false;
    if (batchBytes === 0) return;
    session.flush();
    batchBytes = 0;
  };
  const goOn = (): void => {
    if (!open || underWay >= connectionBytes) return;
    if (inFlight.isFull) forget = inFlight.whenRoom(goOn);
    else body.resume();
  };
  const close = (outcome: Pumped): void => {
    if (!open) return;
    open = false;
    forget();
    flush();
    body.off("data", take);
    // What the client still sends must not stand in the way of the answer.
    body.resume();
    finish(outcome);
  };
  const take = (chunk: Buffer): void => {
    if (!open) return;
    lastByteAtMs = performance.now();
    receivedBytes += chunk.byteLength;
    if (receivedBytes > roomBytes) {
      close({ kind: "too-long" });
      return;
    }
    const sizeBytes = chunk.byteLength;
    underWay += sizeBytes;
    inFlight.take(sizeBytes);
    session.write(chunk);
    batchBytes += sizeBytes;
    if (underWay >= connectionBytes || inFlight.isFull) {
      flush();
      body.pause();
      goOn();
    } else if (batchBytes >= BATCH_BYTES) flush();
    else if (!flushing) {
      flushing = true;
      setImmediate(flush);
    }
  };
  body.on("data", take);
  body.once("end", () => {
    close({ kind: "ended" });
  });
  body.once("error", () => {
    close({ kind: "cut" });
  });
  body.once("close", () => {
    close({ kind: body.readableEnded ? "ended" : "cut" });
  });
  if (body.destroyed) close({ kind: body.readableEnded ? "ended" : "cut" });

  return {
    done,
    taken(sizeBytes) {
      underWay -= sizeBytes;
      inFlight.give(sizeBytes);
      goOn();
    },
    stop() {
      close({ kind: "cut" });
    },
    lastByteAtMs: () => lastByteAtMs,
  };
}
