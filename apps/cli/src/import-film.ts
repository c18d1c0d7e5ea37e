// Uploads a film from elsewhere and waits until the server has taken it in, or says why not.
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { basename } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { StaffClient } from "@sworn/client";
import type { UploadStatus } from "@sworn/contract";
import { CliError } from "./exit.ts";

const POLL_MS = 250;
const WAIT_MS = 600_000;

export async function importFilmOf(
  staff: StaffClient,
  film: {
    readonly path: string;
    readonly stated: Readonly<Record<string, string>>;
    readonly onProgress?: (sentBytes: number, totalBytes: number) => void;
  },
): Promise<UploadStatus> {
  const { path, stated, onProgress } = film;
  const status = await stat(path);
  if (!status.isFile()) throw new CliError("could-not-run", `${path} is not a file.`);
  const lengthBytes = status.size;
  const upload = await staff.importFilm({
    kind: "file",
    stated: { filename: basename(path), ...stated },
    lengthBytes,
    read: (offset, length) => createReadStream(path, { start: offset, end: offset + length - 1 }),
    // fetch holds a request's body in memory.
    requestBytes: 16 * 1024 * 1024,
    ...(onProgress === undefined
      ? {}
      : {
          onProgress: (sent: number) => {
            onProgress(sent, lengthBytes);
          },
        }),
  });
  for (let waitedMs = 0; waitedMs < WAIT_MS; waitedMs += POLL_MS) {
    const now = await staff.importStatus(upload);
    if (now.state !== "open" && now.state !== "verifying") return now;
    await wait(POLL_MS);
  }
  throw new CliError(
    "could-not-run",
    `The server still works on ${path}. Ask again later: sworn recording list`,
  );
}
