// All forces' authorities: each loaded once from `<folder>/<force id>`, made once.
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { formatId, parseId } from "@sworn/custody";
import { makeFolderDurably } from "../platform/durable-file.ts";
import { AuthorityError } from "./authority-error.ts";
import { type ForceName, createAuthority } from "./create-authority.ts";
import { ForceAuthority } from "./force-authority.ts";

export interface Authorities {
  /** Makes the keys of a new force; keeps those that a crash left whole. */
  create(force: ForceName, nowMs: number): Promise<ForceAuthority>;
  /** @throws AuthorityError `authority-missing` */
  of(force: Uint8Array): Promise<ForceAuthority>;
  /** The ids of the forces that have keys here. */
  forces(): Promise<Uint8Array[]>;
}

export async function openAuthorities(folder: string): Promise<Authorities> {
  await makeFolderDurably(folder);
  const loaded = new Map<string, Promise<ForceAuthority>>();

  const of = (force: Uint8Array): Promise<ForceAuthority> => {
    const id = formatId(force);
    const known = loaded.get(id);
    if (known) return known;
    const loading = ForceAuthority.load(join(folder, id), force);
    loaded.set(id, loading);
    loading.catch(() => loaded.delete(id));
    return loading;
  };

  return {
    of,
    async create(force, nowMs) {
      try {
        await createAuthority(join(folder, formatId(force.id)), force, nowMs);
      } catch (error) {
        if (!(error instanceof AuthorityError) || error.code !== "authority-exists") throw error;
      }
      return of(force.id);
    },
    async forces() {
      const names = (await readdir(folder)).filter((name) => !name.startsWith("."));
      return names.map(parseId);
    },
  };
}
