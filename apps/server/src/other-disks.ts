// The places that an operator put on other disks: the second store, and the second place of the key ring. The data folder
// remembers them, so that everything that opens it finds them, and a disk that is not mounted is not taken for an empty one.
// Nothing forgets a place by itself: copies that no destruction reaches would outlive their recording.
import { randomBytes } from "node:crypto";
import { readFile, readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { DataFolder } from "./platform/data-folder.ts";
import { makeFolderDurably, writeDurably } from "./platform/durable-file.ts";
import { PlatformError } from "./platform/platform-error.ts";

interface Remembered {
  readonly path: string;
  readonly id: string;
}

async function readRecord(path: string): Promise<Remembered | null> {
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return null;
    throw new PlatformError("data-folder-unusable", `${path} cannot be read.`, cause);
  });
  if (text === null) return null;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && "path" in value && "id" in value) {
      const { path: place, id } = value;
      if (typeof place === "string" && typeof id === "string") return { path: place, id };
    }
  } catch {
    // The one message for every kind of damage.
  }
  throw new PlatformError("data-folder-unusable", `${path} is damaged. Restore it from a backup.`);
}

const unusable = (message: string): PlatformError => new PlatformError("data-folder-unusable", message);

interface Place {
  /** What it is, for people. */
  readonly what: string;
  readonly variable: string;
  /** The data folder's note of it. */
  readonly record: string;
  /** The file in it by which it is known again. */
  readonly label: string;
}

/** Where it is; null: there is none. `readOnly` takes what is remembered and writes nothing. */
async function locate(place: Place, wanted: string | null, readOnly: boolean): Promise<string | null> {
  const { what, variable, record, label } = place;
  const known = await readRecord(record);
  if (known === null && (wanted === null || readOnly)) return null;
  const path = wanted ?? known?.path ?? "";
  if (known !== null) {
    const found = await readRecord(join(path, label)).catch(() => null);
    if (found?.id === known.id) {
      if (path !== known.path && !readOnly) await remember(record, { path, id: known.id });
      return path;
    }
    throw unusable(
      `${what} is not at ${path}. Mount its disk, or say where it is now with ${variable}. ` +
        `If it was lost or destroyed for good, remove ${record}, and name an empty folder.`,
    );
  }
  await makeFolderDurably(path);
  await makeFolderDurably(dirname(record));
  const strangers = (await readdir(path)).filter((name) => name !== label && name !== "lost+found");
  const begun = await readRecord(join(path, label)).catch(() => null);
  if (strangers.length > 0) throw unusable(`${path} is not empty. Name an empty folder with ${variable}.`);
  const id = begun?.id ?? randomBytes(16).toString("hex");
  // The label first: a place that is remembered is one that can be known again.
  await remember(join(path, label), { path, id });
  await remember(record, { path, id });
  return path;
}

async function remember(path: string, { path: place, id }: Remembered): Promise<void> {
  await writeDurably(path, `${JSON.stringify({ version: 1, path: place, id })}\n`);
}

type Folder = Pick<DataFolder, "part">;

/** The folder of the second store. Throws `PlatformError` for one that was configured once and is not any more. */
export async function locateSecondStore(
  folder: Folder,
  wanted: string | null,
  readOnly: boolean,
): Promise<string | null> {
  const record = folder.part("second-store.json");
  const place = {
    ...{ what: "The second store", variable: "SWORN_SECOND_STORE", record, label: "sworn-second-store.json" },
  };
  const found = await locate(place, wanted, readOnly);
  return found === null ? null : join(found, "objects");
}

/** The folder of the key ring's second place. */
export async function locateSecondKeys(
  folder: Folder,
  wanted: string | null,
  readOnly: boolean,
): Promise<string> {
  const record = folder.part("keys", "second-place.json");
  const place = {
    ...{ what: "The second place of the key ring", variable: "SWORN_SECOND_KEYS", record },
    label: "sworn-second-keys.json",
  };
  const inside = folder.part("keys", "place-2");
  if (wanted !== null && !readOnly && (await readRecord(record)) === null) await requireMoved(inside, wanted);
  const found = await locate(place, wanted, readOnly);
  return found === null ? inside : join(found, "place-2");
}

/** Keys that stayed in the data folder would be a third place, which no destruction reaches. */
async function requireMoved(inside: string, wanted: string): Promise<void> {
  const left = await readdir(inside).catch(() => []);
  if (left.length === 0) return;
  throw unusable(
    `The second place of the key ring is in ${inside}. With the server stopped, remove that folder so that no copy of ` +
      `it stays: the first place has every key, and the next start copies them to ${wanted}.`,
  );
}
