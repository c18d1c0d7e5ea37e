// Writes a recording's export into a folder of its own: the master as it streams in, and all that proves it.
import type { StaffClient } from "@sworn/client";
import { type RecordingId, fromBase64url } from "@sworn/contract";
import { createWriteStream } from "node:fs";
import { mkdir, mkdtemp, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join, resolve, sep } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { CliError } from "./exit.ts";

export interface ExportOrder {
  readonly recording: RecordingId;
  /** The folder in which the export's own folder is made. */
  readonly to: string;
  readonly recipient: string;
  readonly purpose: string;
  /** What is personal in the recording's own entries goes with it. */
  readonly details?: "recording" | "none";
  readonly onProgress?: (doneBytes: number, totalBytes: number) => void;
}

export interface Exported {
  /** Absolute path. */
  readonly folder: string;
  readonly files: number;
  readonly masterBytes: number;
}

/** The server's word is not trusted for where files go. */
function inside(folder: string, path: string): string {
  const target = resolve(folder, path);
  if (target.startsWith(`${folder}${sep}`)) return target;
  throw new CliError(
    "could-not-run",
    `The server names a file outside of the export: ${path}. Nothing was written there.`,
  );
}

/** Throws `answer-is-no` where the folder is there already. The folder appears whole or not at all. */
export async function exportRecording(staff: StaffClient, order: ExportOrder): Promise<Exported> {
  const { recording, recipient, purpose, details = "recording", onProgress } = order;
  const to = resolve(order.to);
  const folder = join(to, recording);
  if ((await stat(folder).catch(() => null)) !== null) {
    throw new CliError(
      "answer-is-no",
      `${folder} is there already. Choose another folder, or remove that one.`,
    );
  }
  const started = await staff.startExport(recording, { recipient, purpose, details });
  const { files } = await staff.exportFiles(recording, started.id);
  await mkdir(to, { recursive: true });
  const draft = await mkdtemp(join(to, ".export-"));
  try {
    for (const { path, content } of files) {
      const target = inside(draft, path);
      const bytes = fromBase64url(content);
      if (bytes === null)
        throw new CliError("could-not-run", `The server's answer holds a damaged file: ${path}.`);
      await mkdir(dirname(target), { recursive: true });
      await writeFile(target, bytes);
    }
    let doneBytes = 0;
    const counted = async function* (): AsyncGenerator<Uint8Array> {
      for await (const chunk of staff.exportMaster(recording, started.id)) {
        doneBytes += chunk.length;
        onProgress?.(doneBytes, started.masterBytes);
        yield chunk;
      }
    };
    await pipeline(
      Readable.from(counted(), { objectMode: false }),
      createWriteStream(inside(draft, started.masterName)),
    );
    if (doneBytes !== started.masterBytes) {
      throw new CliError(
        "could-not-run",
        `The recording broke off at byte ${doneBytes.toString()} of ${started.masterBytes.toString()}. Try again.`,
      );
    }
    await rename(draft, folder);
  } catch (cause) {
    await rm(draft, { recursive: true, force: true });
    throw cause;
  }
  return { folder, files: files.length + 1, masterBytes: started.masterBytes };
}
