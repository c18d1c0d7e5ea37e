// Which operating-system user PostgreSQL runs as. It refuses to run as root, so a root process lends it an
// unprivileged account; anybody else runs it as themselves.
import { spawnSync } from "node:child_process";
import { readFile, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { PlatformError } from "../platform-error.ts";

/** Null means: as whoever we are. */
export type SystemUser = { readonly name: string; readonly uid: number; readonly gid: number } | null;

async function lookUp(name: string): Promise<SystemUser> {
  const accounts = await readFile("/etc/passwd", "utf8").catch(() => "");
  for (const line of accounts.split("\n")) {
    const [account, , uid, gid] = line.split(":");
    if (account === name && Number(uid) > 0) return { name, uid: Number(uid), gid: Number(gid) };
  }
  return null;
}

/** The account to run PostgreSQL as: `postgres`, else `sworn-postgres` (made if need be), else `nobody`. */
export async function findSystemUser(): Promise<SystemUser> {
  if (process.getuid?.() !== 0) return null;
  const known = (await lookUp("postgres")) ?? (await lookUp("sworn-postgres"));
  if (known !== null) return known;
  spawnSync("useradd", ["--system", "--no-create-home", "--shell", "/usr/sbin/nologin", "sworn-postgres"], {
    stdio: "ignore",
  });
  const made = (await lookUp("sworn-postgres")) ?? (await lookUp("nobody"));
  if (made !== null) return made;
  throw new PlatformError(
    "postgres-no-user",
    "PostgreSQL does not run as root and there is no account to run it as. Make one " +
      "(useradd --system sworn-postgres), run Sworn as another user, or set DATABASE_URL.",
  );
}

/** The folders on the way to `path` (itself not included) that the user may not pass through. */
export async function foldersInTheWay(path: string, user: SystemUser): Promise<string[]> {
  if (user === null) return [];
  const closed: string[] = [];
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    const { mode, uid, gid } = await stat(folder);
    const bit = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001;
    if ((mode & bit) === 0) closed.push(folder);
    if (folder === dirname(folder)) return closed;
  }
}

/** The options of `spawn` that run a program as that user. */
export function asUser(user: SystemUser): { uid?: number; gid?: number } {
  return user === null ? {} : { uid: user.uid, gid: user.gid };
}
