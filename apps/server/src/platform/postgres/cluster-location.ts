// Where a cluster's files lie. Normally inside the folder it was asked for; where the account that PostgreSQL
// runs as cannot get there (root's home, say), in /var/lib/sworn, and the folder remembers the place.
// A remembered cluster that has gone is an error, never an excuse to begin an empty one.
import { createHash } from "node:crypto";
import { access, chmod, chown, mkdir, readFile, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { makeFolderDurably, writeDurably } from "../durable-file.ts";
import type { Log } from "../log.ts";
import { PlatformError } from "../platform-error.ts";
import { foldersInTheWay, type SystemUser } from "./system-user.ts";

export interface ClusterLocation {
  /** The folder that holds `cluster`, and is owned by the account. */
  readonly home: string;
  /** The folder given to PostgreSQL; it need not exist yet. */
  readonly cluster: string;
  readonly exists: boolean;
}

const rememberedName = "location.json";

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

async function remembered(folder: string): Promise<string | null> {
  const text = await readFile(join(folder, rememberedName), "utf8").catch(() => null);
  if (text === null) return null;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && "home" in value && typeof value.home === "string") {
      return value.home;
    }
  } catch {
    // Falls through to the message below.
  }
  throw new PlatformError("data-folder-unusable", `${join(folder, rememberedName)} is damaged; restore it.`);
}

// Our own data folder may be opened for the account's group; folders of others are left as they are.
async function letThrough(closed: string[], user: NonNullable<SystemUser>): Promise<boolean> {
  const [only, ...others] = closed;
  if (only === undefined) return true;
  if (others.length > 0 || !(await isThere(join(only, "sworn-data.json")))) return false;
  await chown(only, 0, user.gid);
  await chmod(only, 0o710);
  return true;
}

async function choose(folder: string, user: SystemUser, log: Log): Promise<string> {
  if (user === null) return folder;
  const closed = await foldersInTheWay(folder, user);
  if (await letThrough(closed, user)) return folder;
  const name = createHash("sha256").update(folder).digest("hex").slice(0, 16);
  const home = join("/var/lib/sworn", `postgres-${name}`);
  log.warn("the database is kept outside the data folder, which its account cannot reach", {
    account: user.name,
    closed,
    home,
  });
  await mkdir(dirname(home), { recursive: true, mode: 0o755 });
  return home;
}

/** Finds or chooses the place of the cluster of `folder`, and hands it to the account. */
export async function locateCluster(folder: string, user: SystemUser, log: Log): Promise<ClusterLocation> {
  await makeFolderDurably(folder);
  const known = await remembered(folder);
  const home = known ?? (await choose(folder, user, log));
  const cluster = join(home, "cluster");
  const exists = await isThere(join(cluster, "PG_VERSION"));
  if (known !== null && !exists) {
    throw new PlatformError(
      "data-folder-unusable",
      `The database that belongs to ${folder} is gone from ${cluster}. Restore it from a backup; an empty ` +
        `one is not begun in its place. To begin anew on purpose, remove ${join(folder, rememberedName)}.`,
    );
  }
  await makeFolderDurably(home);
  if (user !== null) {
    await letThrough(await foldersInTheWay(home, user), user);
    await chown(home, user.uid, user.gid);
  }
  await chmod(home, 0o700);
  return { home, cluster, exists };
}

/** Remembers a cluster that has just been made. Durable on return. */
export async function rememberCluster(folder: string, location: ClusterLocation): Promise<void> {
  await writeDurably(join(folder, rememberedName), `${JSON.stringify({ home: location.home })}\n`);
}

/** Removes a cluster and the memory of it. Only for folders whose data is being thrown away. */
export async function removeCluster(folder: string): Promise<void> {
  const home = (await remembered(folder)) ?? folder;
  await rm(join(folder, rememberedName), { force: true });
  await rm(home, { recursive: true, force: true });
  await rm(folder, { recursive: true, force: true });
}
