// The other peer: nginx with sendfile, which copies nothing and decrypts nothing.
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { connect, createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { BenchError, type ContestantGiven, type Running } from "../harness/bench.ts";
import { findNginx } from "../harness/programs.ts";
import { fragmentsOf, serveRanges } from "./serve-ranges.ts";
import { fragmentBytes } from "./stored-recording.ts";

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function untilAnswers(port: number): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const socket = connect(port, "127.0.0.1");
    const isThere = await new Promise<boolean>((resolve) => {
      socket.once("connect", () => {
        resolve(true);
      });
      socket.once("error", () => {
        resolve(false);
      });
    });
    socket.destroy();
    if (isThere) return;
    await wait(50);
  }
  throw new BenchError("contestant-failed", "nginx does not answer");
}

export async function open(given: ContestantGiven): Promise<Running> {
  const { folder } = given;
  const root = join(folder, "root");
  const sizeBytes = fragmentsOf(given) * fragmentBytes;
  await mkdir(root);
  await writeFile(join(root, "recording.mp4"), randomBytes(sizeBytes));
  // Its worker is another user where we are root.
  await chmod(root, 0o755);
  const port = await freePort();
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
  await writeFile(
    join(folder, "nginx.conf"),
    `daemon off; worker_processes 1; pid ${folder}/pid; error_log stderr error;
     events { worker_connections 64; }
     http {
       access_log off; sendfile on; tcp_nopush off; keepalive_requests 1000000;
       types { video/mp4 mp4; }
       ${temporary.map((name) => `${name}_temp_path ${folder}/${name};`).join(" ")}
       server { listen 127.0.0.1:${String(port)}; root ${root}; }
     }`,
  );
  const nginx = spawn(
    findNginx() ?? "nginx",
    ["-p", folder, "-c", join(folder, "nginx.conf"), "-e", "stderr"],
    {
      stdio: ["ignore", "ignore", "inherit"],
    },
  );
  await untilAnswers(port);
  return serveRanges(
    given,
    { port, path: "/recording.mp4", headers: [], sizeBytes },
    {
      processes: [nginx.pid ?? 0],
      async close() {
        const ended = once(nginx, "exit");
        nginx.kill("SIGQUIT");
        await ended;
      },
    },
  );
}
