// One force's log on disk: public tiles and checkpoint, and beside them the encrypted private entries.
// Tiles are durable before the checkpoint that signs them; a checkpoint replaces the one before in one step.
import { readFile, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { CHECKPOINT_PATH, type TileWrite, tilePath } from "@sworn/ledger";
import { makeFolderDurably, writeDurably } from "../platform/durable-file.ts";

const PUBLIC_MODE = 0o644;

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

  /** Durable on return. The content of a tile follows from its entries, so writing one again changes nothing. */
  async writeTiles(writes: readonly TileWrite[]): Promise<void> {
    for (const { path, bytes } of writes) {
      const file = join(this.#folder, path);
      await makeFolderDurably(dirname(file), 0o755);
      await writeDurably(file, bytes, { mode: PUBLIC_MODE });
    }
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
