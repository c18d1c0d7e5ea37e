// Unpacks the newest backup into a new data folder and an empty database. Guarantees: an expired key ring is refused; no
// file leaves the folder; nothing is written over what is there.
import { stat } from "node:fs/promises";
import { dirname, join, normalize } from "node:path";
import type { IngestKeyPair } from "@sworn/vault";
import { makeFolderDurably, writeNewDurably } from "../platform/durable-file.ts";
import type { DatabaseSource } from "../platform/database/source.ts";
import { BackupFault } from "./backup-fault.ts";
import { copyFolder, type Copied } from "./copy-folder.ts";
import { loadFrom } from "./dump-store.ts";
import { listParts, ringBackupMs } from "./make-backup.ts";
import { readPart } from "./part-file.ts";

export interface BackupParts {
  readonly database: string;
  readonly identity: string;
  readonly ring: string;
  readonly madeAt: string;
}

async function newest(from: string, kind: string): Promise<{ path: string; atMs: number }> {
  const [part] = await listParts(from, kind);
  if (part !== undefined) return { path: join(from, part.name), atMs: part.atMs };
  throw new BackupFault(
    "backup-damaged",
    `${from} holds no ${kind} part of a backup. Say where it is with --from.`,
  );
}

/** @throws BackupFault `backup-expired` for a key ring of more than 7 days */
export async function findParts(from: string, nowMs: number): Promise<BackupParts> {
  const [database, identity, ring] = [
    await newest(from, "database"),
    await newest(from, "identity"),
    await newest(from, "ring"),
  ];
  if (nowMs >= ring.atMs + ringBackupMs) {
    throw new BackupFault(
      "backup-expired",
      `The key ring in ${from} is of ${new Date(ring.atMs).toISOString()} and expired after 7 days: recordings that were ` +
        "destroyed since could become readable. Use a newer backup, or the key ring's own two places.",
    );
  }
  return {
    ...{ database: database.path, identity: identity.path, ring: ring.path },
    madeAt: new Date(database.atMs).toISOString(),
  };
}

/** Writes the files of a part below `data`. */
export async function unpackFiles(path: string, pair: IngestKeyPair, data: string): Promise<number> {
  let files = 0;
  await readPart(path, pair, async ({ name, about, chunks }) => {
    const isInside = !name.startsWith("/") && normalize(name) === name && !name.split("/").includes("..");
    if (!isInside) throw new BackupFault("backup-damaged", `${path} names a file outside the data folder.`);
    const pieces: Uint8Array[] = [];
    for await (const chunk of chunks) pieces.push(chunk);
    const target = join(data, name);
    await makeFolderDurably(dirname(target));
    const mode = Number(about["mode"]) & 0o777;
    // The ring's tombstones are listed twice; the first stands.
    await writeNewDurably(target, Buffer.concat(pieces), { mode });
    files += 1;
  });
  return files;
}

export async function unpackDatabase(
  path: string,
  pair: IngestKeyPair,
  source: DatabaseSource,
): Promise<void> {
  await loadFrom(source, (take) => readPart(path, pair, take));
}

/** Copies ledger or objects of a backup; null where the backup has none. */
export async function unpackFolder(
  from: string,
  to: string,
  onFile?: (copied: Copied) => void,
): Promise<Copied | null> {
  const isThere = await stat(from).then(
    () => true,
    () => false,
  );
  if (!isThere) return null;
  return copyFolder(from, to, { isFixed: () => false, ...(onFile === undefined ? {} : { onFile }) });
}
