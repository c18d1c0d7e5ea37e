// Where a demo keeps its data: a folder that is kept and must be empty or new, or one of its own that is removed.
import { chmod, mkdir, mkdtemp, readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { CliError } from "../exit.ts";

/** Absolute path of a folder that is there and empty. */
export async function demoFolder(keep: string | undefined, from: string): Promise<string> {
  if (keep === undefined) {
    const folder = await mkdtemp(join(tmpdir(), "sworn-demo-"));
    // PostgreSQL runs under an account of its own where we are root, and must pass through.
    await chmod(folder, 0o711);
    return folder;
  }
  const folder = resolve(from, keep);
  await mkdir(folder, { recursive: true, mode: 0o711 });
  if ((await readdir(folder)).length > 0) {
    throw new CliError(
      "could-not-run",
      `${folder} is not empty. A demo is never mixed with other data: name a new folder with --keep.`,
    );
  }
  return folder;
}
