// Where the command line finds its server and its person's API key: flags, then the environment, then a file that
// only its owner may read.
import { chmod, mkdir, readFile, rename, stat, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { CliError } from "./exit.ts";
import type { World } from "./world.ts";

const DEFAULT_URL = "http://127.0.0.1:8014";

export interface Credentials {
  readonly url: string;
  readonly apiKey: string;
}

export interface ServerFlags {
  readonly url?: string;
  readonly keyFile?: string;
}

/** The file for credentials, unless a flag or SWORN_KEY_FILE names another. */
export function credentialsPath(world: World, flags: Pick<ServerFlags, "keyFile">): string {
  const named = flags.keyFile ?? world.environment["SWORN_KEY_FILE"];
  if (named !== undefined && named !== "") return resolve(world.folder, named);
  const configured = world.environment["XDG_CONFIG_HOME"];
  const home =
    configured !== undefined && configured.startsWith("/") ? configured : join(homedir(), ".config");
  return join(home, "sworn", "credentials.json");
}

async function readSaved(path: string): Promise<Credentials | null> {
  let text: string;
  try {
    const { mode } = await stat(path);
    if ((mode & 0o077) !== 0) {
      throw new CliError("could-not-run", `${path} can be read by others. Run: chmod 600 ${path}`);
    }
    text = await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
  const saved = parseSaved(text.slice(0, 10_000));
  if (saved === null)
    throw new CliError("could-not-run", `${path} is damaged. Remove it and save the key again.`);
  return saved;
}

function parseSaved(text: string): Credentials | null {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null || !("url" in value) || !("apiKey" in value)) return null;
    const { url, apiKey } = value;
    return typeof url === "string" && typeof apiKey === "string" ? { url, apiKey } : null;
  } catch {
    return null;
  }
}

/** Saves them for their owner alone; a crash leaves the old file or the new one. */
export async function saveCredentials(path: string, credentials: Credentials): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${process.pid.toString()}.part`;
  await writeFile(draft, `${JSON.stringify(credentials, null, 2)}\n`, { mode: 0o600 });
  await chmod(draft, 0o600);
  await rename(draft, path);
}

function checkedUrl(text: string, from: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || (url.protocol !== "http:" && url.protocol !== "https:")) {
    throw new CliError("wrong-usage", `${from} is not an address such as ${DEFAULT_URL}.`);
  }
  return url.href.replace(/\/$/, "");
}

/** The server's address alone. */
export async function findUrl(world: World, flags: ServerFlags): Promise<string> {
  if (flags.url !== undefined) return checkedUrl(flags.url, "--url");
  const variable = world.environment["SWORN_URL"];
  if (variable !== undefined && variable !== "") return checkedUrl(variable, "SWORN_URL");
  const saved = await readSaved(credentialsPath(world, flags));
  return saved === null ? DEFAULT_URL : checkedUrl(saved.url, "The saved address");
}

/** Throws `could-not-run` where there is no key. */
export async function findCredentials(world: World, flags: ServerFlags): Promise<Credentials> {
  const url = await findUrl(world, flags);
  const variable = world.environment["SWORN_API_KEY"];
  if (variable !== undefined && variable !== "" && flags.keyFile === undefined)
    return { url, apiKey: variable };
  const path = credentialsPath(world, flags);
  const saved = await readSaved(path);
  if (saved !== null) return { url, apiKey: saved.apiKey };
  throw new CliError(
    "could-not-run",
    `No API key: there is none in SWORN_API_KEY, and no file ${path}.\n` +
      `Found a force with “sworn setup”, or ask an administrator of yours for a key (“sworn key create”).`,
  );
}
