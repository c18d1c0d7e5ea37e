// The files of the repository, as the checks of this folder see them: tracked, or new and not ignored.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join, relative, resolve } from "node:path";

export const root = resolve(import.meta.dirname, "..");

/** Every file below `folder`, relative to `base`, without node_modules. Links are not followed. */
export function listFiles(folder: string, base: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(base, join(entry.parentPath, entry.name)))
    .filter((file) => !file.split("/").includes("node_modules"))
    .sort();
}

/**
 * What would be committed: tracked files that still exist and new ones that are not ignored.
 *
 * @throws Error when git cannot list them (no git, or not a checkout)
 */
export function listCommittable(): string[] {
  const args = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
  const listed = spawnSync("git", args, { cwd: root, encoding: "utf8", maxBuffer: 64 * 1024 * 1024 });
  if (listed.status !== 0) {
    throw new Error(`git could not list the files; run this in a git checkout. ${listed.stderr.trim()}`);
  }
  const files = new Set(listed.stdout.split("\0").filter((file) => file !== ""));
  return [...files].filter((file) => existsSync(join(root, file))).sort();
}

/** Is this the source of a shipped module: under src (or camera's own folders), and no test? */
export function isProductSource(file: string): boolean {
  return (
    /^(packages|apps)\/[^/]+\/(src|core|node|browser|migrations)\/.*\.(ts|tsx)$/.test(file) &&
    !/\.(test|bench)\.tsx?$/.test(file)
  );
}

/** Runs `main` and sets its exit code if `file` is the script that Node was started with. */
export async function runAsMain(file: string, main: () => number | Promise<number>): Promise<void> {
  if (process.argv[1] !== undefined && resolve(process.argv[1]) === file) process.exitCode = await main();
}
