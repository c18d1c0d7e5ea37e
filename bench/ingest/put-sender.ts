// Sends bodies by PUT from a process of its own.
import { randomFillSync } from "node:crypto";
import { answerCalls } from "../harness/child.ts";
import { BenchError } from "../harness/bench.ts";
import { Connection, inWrites } from "./send-bytes.ts";

export interface PutOrder {
  readonly url: string;
  readonly uploads: number;
  readonly bodyBytes: number;
  /** Makes the names of this round unlike those of others. */
  readonly round: number;
}

let body = Buffer.alloc(0);

async function putOne(url: string, path: string): Promise<void> {
  const connection = await Connection.open(url);
  const headers = { "content-length": body.byteLength.toString() };
  const { status } = await connection.request("PUT", path, headers, inWrites(body));
  connection.close();
  if (status !== 201 && status !== 204)
    throw new BenchError("contestant-failed", `PUT answered HTTP ${status}`);
}

answerCalls({
  put: async (given) => {
    const { url, uploads, bodyBytes, round } = given as PutOrder;
    if (body.byteLength !== bodyBytes) body = randomFillSync(Buffer.alloc(bodyBytes));
    const startedAtMs = performance.now();
    const paths = Array.from({ length: uploads }, (_, place) => `/files/${round}-${place}`);
    await Promise.all(paths.map((path) => putOne(url, path)));
    return { bytes: uploads * bodyBytes, wallSeconds: (performance.now() - startedAtMs) / 1_000 };
  },
  close: () => Promise.resolve(),
});
