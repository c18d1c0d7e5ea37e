// The peer: plain Node, `createReadStream` for the range and nothing else.
import { randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { ContestantGiven, Running } from "../harness/bench.ts";
import { fragmentsOf, serveRanges } from "./serve-ranges.ts";
import { fragmentBytes } from "./stored-recording.ts";

export async function open(given: ContestantGiven): Promise<Running> {
  const path = join(given.folder, "recording.mp4");
  const sizeBytes = fragmentsOf(given) * fragmentBytes;
  await writeFile(path, randomBytes(sizeBytes));
  const server = createServer((request, response) => {
    const [, first = "", last = ""] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "") ?? [];
    const start = Number(first);
    const end = Number(last);
    response.writeHead(206, {
      "accept-ranges": "bytes",
      "content-type": "video/mp4",
      "content-length": end - start + 1,
      "content-range": `bytes ${first}-${last}/${String(sizeBytes)}`,
    });
    createReadStream(path, { start, end }).pipe(response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return serveRanges(
    given,
    { port, path: "/recording.mp4", headers: [], sizeBytes },
    {
      close: () =>
        new Promise((resolve) =>
          server.close(() => {
            resolve();
          }),
        ),
    },
  );
}
