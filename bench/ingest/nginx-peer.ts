// nginx with one worker, writing PUT bodies by its WebDAV module to a file in the same folder: no sync, no hash.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { BenchError, type ContestantGiven, type Measures, type Running } from "../harness/bench.ts";
import { startChild } from "../harness/child.ts";
import { findNginx } from "../harness/programs.ts";
import type { PutOrder } from "./put-sender.ts";
import { Connection } from "./send-bytes.ts";
import { loadOf } from "./upload-load.ts";

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

const configuration = (folder: string, port: number): string => `
${process.getuid?.() === 0 ? "user root;" : ""}
worker_processes 1;
daemon off;
pid ${folder}/nginx.pid;
error_log stderr error;
events { worker_connections 1024; }
http {
  access_log off;
  client_max_body_size 0;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  client_body_buffer_size 1m;
  server {
    listen 127.0.0.1:${port};
    root ${folder}/root;
    location /files/ { dav_methods PUT DELETE; create_full_put_path on; }
  }
}
`;

async function untilReady(url: string): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    try {
      (await Connection.open(url)).close();
      return;
    } catch {
      await wait(50);
    }
  }
  throw new BenchError("contestant-failed", "nginx did not begin to listen");
}

export async function open({ folder, quick, settings }: ContestantGiven): Promise<Running> {
  const { uploads, fragments, fragmentBytes } = loadOf(settings, quick);
  const files = join(folder, "root", "files");
  await mkdir(files, { recursive: true });
  const port = await freePort();
  const file = join(folder, "nginx.conf");
  await writeFile(file, configuration(folder, port));
  const nginx = spawn(findNginx() ?? "nginx", ["-p", folder, "-c", file], { stdio: ["ignore", 2, 2] });
  const ended = once(nginx, "exit");
  const url = `http://127.0.0.1:${port}`;
  await untilReady(url);
  const sender = startChild(new URL("put-sender.ts", import.meta.url));
  let round = 0;
  return {
    processes: () => [nginx.pid ?? 0],
    async round() {
      round += 1;
      const order: PutOrder = { url, uploads, bodyBytes: fragments * fragmentBytes, round };
      return (await sender.call("put", order)) as Measures;
    },
    async after() {
      await rm(files, { recursive: true });
      await mkdir(files);
    },
    async close() {
      await sender.close();
      nginx.kill("SIGTERM");
      await ended;
    },
  };
}
