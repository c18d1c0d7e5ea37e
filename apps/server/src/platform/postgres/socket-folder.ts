// The folder of the server's unix socket: short, because a socket's path may have 107 bytes at most, and closed
// to everybody but the server's account (and root), because whoever can connect is let in.
import { createHash } from "node:crypto";
import { chmod, chown, lstat, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SystemUser } from "./system-user.ts";
import { foldersInTheWay } from "./system-user.ts";

const longestSocketPathBytes = 107;

async function shortFolder(port: number, user: SystemUser): Promise<string> {
  const longest = `/sworn-${"x".repeat(12)}/.s.PGSQL.${port.toString()}.lock`;
  const given = tmpdir();
  if (Buffer.byteLength(given + longest) > longestSocketPathBytes) return "/tmp";
  const closed = await foldersInTheWay(join(given, "x"), user).catch(() => [given]);
  return closed.length > 0 ? "/tmp" : given;
}

/** Makes the folder, empty and owned by the account. The name is the cluster's, so that leftovers are reused. */
export async function makeSocketFolder(cluster: string, user: SystemUser, port: number): Promise<string> {
  const parent = await shortFolder(port, user);
  const name = createHash("sha256").update(cluster).digest("hex").slice(0, 12);
  let folder = join(parent, `sworn-${name}`);
  const mine = [process.getuid?.(), user?.uid];
  const existing = await lstat(folder).catch(() => null);
  if (existing !== null && existing.isDirectory() && mine.includes(existing.uid)) {
    await rm(folder, { recursive: true, force: true });
  }
  try {
    await mkdir(folder, { mode: 0o700 });
  } catch {
    // Somebody else took the name: any other will do.
    folder = await mkdtemp(join(parent, "sworn-"));
  }
  await chmod(folder, 0o700);
  if (user !== null) await chown(folder, user.uid, user.gid);
  return folder;
}
