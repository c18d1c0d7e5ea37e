// One force's log on disk: public tiles and checkpoint, and beside them the encrypted private entries.
// Tiles are durable before the checkpoint that signs them; a checkpoint replaces the one before in one step.
import { readFile, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { CHECKPOINT_PATH, type TileWrite, tilePath } from "@sworn/ledger";
import { diskSteps, makeFolderDurably, syncFolder, writeDurably } from "../platform/durable-file.ts";

const PUBLIC_MODE = 0o644;
/** `writeTiles` syncs each folder once, after the last file in it has its name. */
const folderSyncedLater = { ...diskSteps, syncFolder: () => Promise.resolve() };

/** Does all of it, and only then throws the first fault: nothing goes on behind the caller's back. */
async function all<T>(things: readonly T[], work: (thing: T) => Promise<void>): Promise<void> {
  const results = await Promise.allSettled(things.map(work));
  for (const result of results) if (result.status === "rejected") throw result.reason;
}

export class LogFolder {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** A file's bytes, or undefined where there is none. `path` comes from `tilePath`, never from a request. */
  async read(path: string): Promise<Uint8Array | undefined> {
    try {
      return await readFile(join(this.#folder, path));
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
      throw error;
    }
  }

  async readCheckpoint(): Promise<string | null> {
    const bytes = await this.read(CHECKPOINT_PATH);
    return bytes ? new TextDecoder().decode(bytes) : null;
  }

  /** Durable on return. The content of a tile follows from its entries, so writing one again changes nothing. They are
   * synced side by side: the file system then puts many on the disk in one turn. */
  async writeTiles(writes: readonly TileWrite[]): Promise<void> {
    const files = writes.map(({ path, bytes }) => ({ path: join(this.#folder, path), bytes }));
    const folders = [...new Set(files.map(({ path }) => dirname(path)))];
    for (const folder of folders) await makeFolderDurably(folder, 0o755);
    await all(files, ({ path, bytes }) =>
      writeDurably(path, bytes, { mode: PUBLIC_MODE, steps: folderSyncedLater }),
    );
    await all(folders, syncFolder);
  }

  /** The point at which entries are published. Durable on return. */
  async writeCheckpoint(note: string): Promise<void> {
    await makeFolderDurably(this.#folder, 0o755);
    await writeDurably(join(this.#folder, CHECKPOINT_PATH), note, { mode: PUBLIC_MODE });
  }

  /** Removes the partial tiles that a full one has replaced (tlog-tiles allows it). Losing a crash here costs only space. */
  async dropPartials(full: readonly TileWrite[]): Promise<void> {
    for (const { path } of full) {
      await rm(join(this.#folder, `${path}.p`), { recursive: true, force: true }).catch(() => undefined);
    }
  }
}

/** Where the encrypted private entries of a bundle lie: the path of its entry bundle, under `private/`. */
export function privatePath(entriesPath: string): string {
  const prefix = dirname(tilePath({ level: "entries", index: 0, width: 256 }));
  return `private${entriesPath.slice(prefix.length)}`;
}
