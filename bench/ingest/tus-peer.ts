// The peer: `@tus/server` with its file store, as its documentation sets it up. It neither decrypts nor hashes nor syncs.
import { createServer } from "node:http";
import { rm } from "node:fs/promises";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { FileStore } from "@tus/file-store";
import { Server } from "@tus/server";
import type { ContestantGiven, Running } from "../harness/bench.ts";
import { startChild } from "../harness/child.ts";
import { loadOf } from "./upload-load.ts";

export async function open({ folder, quick, settings }: ContestantGiven): Promise<Running> {
  const load = loadOf(settings, quick);
  const directory = join(folder, "uploads");
  const tus = new Server({ path: "/files", datastore: new FileStore({ directory }) });
  const server = createServer((request, response) => {
    void tus.handle(request, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const sender = startChild(new URL("tus-sender.ts", import.meta.url));
  const ids: string[] = [];
  return {
    async round() {
      const sent = (await sender.call("upload", { ...load, url })) as { ids: string[]; bytes: number };
      const { ids: made, ...measures } = sent;
      ids.push(...made);
      return measures;
    },
    async after() {
      for (const id of ids.splice(0)) {
        await rm(join(directory, id), { force: true });
        await rm(join(directory, `${id}.json`), { force: true });
      }
    },
    async close() {
      await sender.close();
      server.closeAllConnections();
      server.close();
    },
  };
}
