// One backup, also beside a running server. The order makes it whole: rows first, then the log that brings them further,
// then the keys of all that the log names, then the objects; what comes between two of them is replayed when it is restored.
//   <to>/database-<time>   all rows                     encrypted for the operator's key
//   <to>/identity-<time>   the forces' private keys     encrypted for the operator's key
//   <to>/ring-<time>       key ring and its roots       encrypted for the operator's key; expires in 7 days
//   <to>/ledger, objects   public or ciphertext already: copied as they are
import { readFile, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { removeDurably } from "../platform/durable-file.ts";
import type { DatabaseSource } from "../platform/database/source.ts";
import { copyDurably, copyFolder, filesBelow, type Copied } from "./copy-folder.ts";
import { dumpInto } from "./dump-store.ts";
import { writePart, type Member } from "./part-file.ts";

/** No backup of the key ring may be older: certificates of destruction state the day (docs/design/keys.md). */
export const ringBackupMs = 7 * 86_400_000;
/** Dumps hold personal data too: so many are kept. */
const dumpsKept = 7;

export interface BackupPorts {
  readonly source: DatabaseSource;
  /** The data folder. */
  readonly data: string;
  readonly to: string;
  readonly publicKey: Uint8Array;
  readonly nowMs: number;
  readonly withObjects: boolean;
  readonly onProgress?: ((what: string, copied: Copied) => void) | undefined;
}

export interface BackupReport {
  readonly madeAt: string;
  readonly ringExpiresAt: string;
  readonly ledger: Copied;
  readonly objects: Copied | null;
  /** Parts that were removed: expired rings, dumps beyond the newest. */
  readonly pruned: readonly string[];
}

const partName = (kind: string, atMs: number): string => `${kind}-${atMs.toString().padStart(15, "0")}`;

export async function listParts(folder: string, kind: string): Promise<{ name: string; atMs: number }[]> {
  const names = await readdir(folder).catch(() => []);
  return names
    .flatMap((name) => {
      const time = new RegExp(`^${kind}-(\\d{15})$`).exec(name)?.[1];
      return time === undefined ? [] : [{ name, atMs: Number(time) }];
    })
    .sort((a, b) => b.atMs - a.atMs);
}

async function* filesOf(data: string, folders: readonly string[]): AsyncGenerator<Member, void, undefined> {
  for (const folder of folders) {
    for await (const path of filesBelow(join(data, folder))) {
      const whole = join(data, folder, path);
      const bytes = await readFile(whole).catch((error: unknown) => {
        if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
        throw error;
      });
      // Destroyed, or renamed into place, between the listing and the reading.
      if (bytes === null) continue;
      const { mode } = await stat(whole).catch(() => ({ mode: 0o600 }));
      yield { name: join(folder, path), about: { mode: mode & 0o777 }, chunks: once(bytes) };
    }
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield await Promise.resolve(bytes);
}

export async function makeBackup(ports: BackupPorts): Promise<BackupReport> {
  const { source, data, to, publicKey, nowMs } = ports;
  const part = (kind: string): string => join(to, partName(kind, nowMs));
  await dumpInto(source, (members) => writePart(part("database"), publicKey, members));
  const ledger = await copyLedger(ports);
  await writePart(part("identity"), publicKey, filesOf(data, ["authority"]));
  // Tombstones before keys: one that is destroyed meanwhile is at worst in both, and then it is dead.
  const ring = ["place-1/destroyed", "place-2/destroyed", "roots", "place-1", "place-2"];
  await writePart(
    part("ring"),
    publicKey,
    filesOf(
      data,
      ring.map((name) => join("keys", name)),
    ),
  );
  const objects = ports.withObjects ? await copyObjects(ports) : null;
  await copyDurably(join(data, "sworn-data.json"), join(to, "sworn-data.json"));
  return {
    madeAt: new Date(nowMs).toISOString(),
    ringExpiresAt: new Date(nowMs + ringBackupMs).toISOString(),
    ...{ ledger, objects, pruned: await prune(to, nowMs) },
  };
}

/** The checkpoint first: the tiles that it signs are there by then, and larger ones do no harm. */
async function copyLedger({ data, to, onProgress }: BackupPorts): Promise<Copied> {
  const from = join(data, "ledger");
  for (const force of await readdir(from).catch(() => [])) {
    await copyDurably(join(from, force, "checkpoint"), join(to, "ledger", force, "checkpoint"));
  }
  return copyFolder(from, join(to, "ledger"), {
    // A change log grows, and partial tiles have their width in their name.
    isFixed: (path) => !path.includes("changes"),
    skips: (path) => path.endsWith("checkpoint") || path.includes("/."),
    onFile: (copied) => onProgress?.("ledger", copied),
  });
}

async function copyObjects({ data, to, onProgress }: BackupPorts): Promise<Copied> {
  const from = join(data, "objects");
  const copied = await copyFolder(from, join(to, "objects"), {
    isFixed: () => true,
    isChecked: true,
    skips: (path) => path.startsWith("tmp/") || path.startsWith("trash/"),
    onFile: (progress) => onProgress?.("objects", progress),
  });
  // What was destroyed since goes here too: its key is gone, and its bytes are not worth the disk.
  for await (const path of filesBelow(join(to, "objects"))) {
    const isThere = await stat(join(from, path)).then(
      () => true,
      () => false,
    );
    if (!isThere) await removeDurably(join(to, "objects", path));
  }
  return copied;
}

async function prune(to: string, nowMs: number): Promise<string[]> {
  const rings = await listParts(to, "ring");
  const gone = [
    // The newest is enough; an older one may hold keys that were destroyed since.
    ...rings.filter(({ atMs }, at) => at > 0 || nowMs >= atMs + ringBackupMs),
    ...(await listParts(to, "identity")).slice(1),
    ...(await listParts(to, "database")).slice(dumpsKept),
  ];
  for (const { name } of gone) await removeDurably(join(to, name));
  return gone.map(({ name }) => name);
}
