// A plain HTTP server that writes PUT bodies with the folder store: each part synced, renamed and its folder synced before
// the answer. No hash, no decryption: the caller's hash is given as a span of zeros, because nginx makes none either.
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { blockingStoreFs, openFolderStore, releaseBytes, type ObjectStore } from "@sworn/vault";
import type { ContestantGiven, Measures, Running } from "../harness/bench.ts";
import { startChild } from "../harness/child.ts";
import type { PutOrder } from "./put-sender.ts";
import { loadOf } from "./upload-load.ts";

const PART_BYTES = 8 * 1024 * 1024;
const NO_HASH = new Uint8Array(32);

async function take(store: ObjectStore, key: string, body: IncomingMessage): Promise<void> {
  let number = 0;
  let writer = await store.beginPart(key, (number += 1), { hashedByCaller: true });
  const parts = [];
  const close = async () => writer.commit([{ sizeBytes: writer.sizeBytes, hash: NO_HASH }]);
  for await (const chunk of body as AsyncIterable<Buffer>) {
    if (writer.sizeBytes >= PART_BYTES) {
      parts.push(await close());
      writer = await store.beginPart(key, (number += 1), { hashedByCaller: true });
    }
    await writer.write(chunk);
    releaseBytes(chunk);
  }
  parts.push(await close());
  await store.complete(key, parts);
}

export async function open({ folder, quick, settings }: ContestantGiven): Promise<Running> {
  const { uploads, fragments, fragmentBytes } = loadOf(settings, quick);
  const store = await openFolderStore({ root: join(folder, "objects"), fs: blockingStoreFs });
  const keys: string[] = [];
  const server = createServer((request, response) => {
    const key = (request.url ?? "").slice(1);
    keys.push(key);
    take(store, key, request).then(
      () => response.writeHead(201).end(),
      () => response.writeHead(500).end(),
    );
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const sender = startChild(new URL("put-sender.ts", import.meta.url));
  let round = 0;
  return {
    async round() {
      round += 1;
      const order: PutOrder = { url, uploads, bodyBytes: fragments * fragmentBytes, round };
      return (await sender.call("put", order)) as Measures;
    },
    async after() {
      for (const key of keys.splice(0)) await store.delete(key);
    },
    async close() {
      await sender.close();
      server.closeAllConnections();
      server.close();
    },
  };
}
