// The data folder: one running server owns it, and its label says whether it is real or a demo's.
// A real server never opens a demo's folder, nor a demo a real one, so the two can never be mixed.
import { chmod, readFile, readdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { makeFolderDurably, writeDurably } from "./durable-file.ts";
import { lockFolder } from "./folder-lock.ts";
import { PlatformError } from "./platform-error.ts";

export type DataFolderPurpose = "real" | "demo" | "test";

export interface DataFolder {
  /** Absolute path. */
  readonly path: string;
  readonly purpose: DataFolderPurpose;
  /** Absolute path of a part of the folder; nothing is made. */
  part(...names: string[]): string;
  /** Gives the folder up, so that another process may open it. */
  release(): Promise<void>;
}

const labelName = "sworn-data.json";

/** What the label of a folder, or of a backup of one, says. Throws `PlatformError` for a damaged one. */
export async function readPurpose(path: string): Promise<DataFolderPurpose | undefined> {
  return readLabel(path);
}

async function readLabel(path: string): Promise<DataFolderPurpose | undefined> {
  let text: string;
  try {
    text = await readFile(join(path, labelName), "utf8");
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return undefined;
    throw new PlatformError(
      "data-folder-unusable",
      `The label ${join(path, labelName)} cannot be read.`,
      cause,
    );
  }
  try {
    const label: unknown = JSON.parse(text);
    if (typeof label === "object" && label !== null && "purpose" in label) {
      const { purpose } = label;
      if (purpose === "real" || purpose === "demo" || purpose === "test") return purpose;
    }
  } catch {
    // Falls through to the one message for every kind of damage.
  }
  throw new PlatformError(
    "data-folder-unusable",
    `The label ${join(path, labelName)} is damaged. Restore it from a backup, or choose another data folder.`,
  );
}

/** Opens (or makes) the data folder, takes its lock and checks its label. Throws `PlatformError`. */
export async function openDataFolder(folder: string, purpose: DataFolderPurpose): Promise<DataFolder> {
  const path = resolve(folder);
  try {
    await makeFolderDurably(path);
    await readdir(path);
  } catch (cause) {
    throw new PlatformError(
      "data-folder-unusable",
      `The data folder ${path} cannot be made or opened. Choose another with SWORN_DATA_FOLDER.`,
      cause,
    );
  }
  const lock = await lockFolder(path, "data");
  try {
    const label = await readLabel(path);
    if (label === undefined) {
      const strangers = (await readdir(path)).filter((name) => !name.startsWith("."));
      if (strangers.length > 0) {
        throw new PlatformError(
          "data-folder-unusable",
          `The folder ${path} is not empty and is not a Sworn data folder. Choose an empty or new one.`,
        );
      }
      await chmod(path, 0o700);
      await writeDurably(join(path, labelName), `${JSON.stringify({ format: 1, purpose })}\n`);
    } else if (label !== purpose) {
      throw new PlatformError(
        "data-folder-unusable",
        `The data folder ${path} is labelled "${label}" and cannot be used as "${purpose}". Choose another folder.`,
      );
    }
  } catch (cause) {
    await lock.release();
    throw cause;
  }
  return { path, purpose, part: (...names) => join(path, ...names), release: () => lock.release() };
}
