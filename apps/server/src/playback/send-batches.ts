// Sends batches of bytes as an answer's body, no faster than the client takes them. Guarantees that a body which
// cannot be finished is cut, never ended as if it were whole.
import type { ServerResponse } from "node:http";
import type { ClearBatch, MediaReading } from "./sealed-media.ts";

/** Sends `first` and what `reading` still gives. Resolves when all is handed over or the client is gone; throws what
 * `reading` throws, after the cut. */
export async function sendBatches(
  response: ServerResponse,
  first: ClearBatch | null,
  reading: MediaReading,
): Promise<void> {
  try {
    for (let batch = first; batch !== null; batch = await reading.next()) {
      if (response.destroyed) return;
      if (!writeBatch(response, batch)) await drained(response);
    }
    response.end();
  } catch (error) {
    response.destroy();
    throw error;
  }
}

/** Says whether there is room for more. */
function writeBatch(response: ServerResponse, batch: ClearBatch): boolean {
  const { pieces } = batch;
  // Called when the kernel has the last piece, and with it those before; what a client never took is left as it is.
  const written = (error?: Error | null): void => {
    if (!error) batch.release();
  };
  const last = pieces.length - 1;
  let hasRoom = true;
  response.cork();
  for (const [index, piece] of pieces.entries())
    hasRoom = index === last ? response.write(piece, written) : response.write(piece);
  response.uncork();
  return hasRoom;
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off("drain", done);
      response.off("close", done);
      resolve();
    };
    if (response.destroyed || !response.writableNeedDrain) {
      resolve();
      return;
    }
    response.on("drain", done);
    response.on("close", done);
  });
}
