// Sends batches of bytes as an answer's body, no faster than the client takes them. Guarantees that a body which
// cannot be finished is cut, never ended as if it were whole.
import type { ServerResponse } from "node:http";

/** Resolves when all is handed over or the client is gone; throws what `batches` throws, after the cut. */
export async function sendBatches(
  response: ServerResponse,
  batches: AsyncIterable<readonly Uint8Array[]>,
): Promise<void> {
  try {
    for await (const batch of batches) {
      if (response.destroyed) return;
      response.cork();
      let hasRoom = true;
      for (const piece of batch) hasRoom = response.write(piece);
      response.uncork();
      if (!hasRoom) await drained(response);
    }
    response.end();
  } catch (error) {
    response.destroy();
    throw error;
  }
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
