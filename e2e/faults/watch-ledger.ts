// Watches a force's public log from outside: it never shrinks, and every tree that was ever published is a beginning of the
// one that is published now.
import { nodesFromTiles, parseCheckpoint, parseNote, readRoot } from "@sworn/ledger";
import { createHash } from "node:crypto";
import { BrokenPromise } from "./acknowledgements.ts";

const sha256 = (bytes: Uint8Array): Uint8Array => createHash("sha256").update(bytes).digest();

export class LedgerWatch {
  readonly #seen: { readonly size: number; readonly root: Buffer }[] = [];

  /** Looks once, over HTTP. @throws BrokenPromise */
  async look(server: string, force: string): Promise<void> {
    const get = async (path: string): Promise<Uint8Array | undefined> => {
      const answer = await fetch(`${server}/ledger/${force}/${path}`);
      if (answer.status === 404) return undefined;
      if (!answer.ok) throw new BrokenPromise(`the log answers ${answer.status.toString()} for ${path}`);
      return new Uint8Array(await answer.arrayBuffer());
    };
    const note = await get("checkpoint");
    if (note === undefined) {
      if (this.#seen.length > 0) throw new BrokenPromise("the published log is gone");
      return;
    }
    const parsed = parseNote(new TextDecoder().decode(note));
    const checkpoint = parsed.ok ? parseCheckpoint(parsed.value.text) : parsed;
    if (!checkpoint.ok) throw new BrokenPromise(`the checkpoint is no checkpoint: ${checkpoint.message}`);
    const { size, root } = checkpoint.value;
    // The newest three are enough: each was compared with those before it.
    for (const seen of [...this.#seen.slice(-3), { size, root: Buffer.from(root) }]) {
      if (seen.size > size)
        throw new BrokenPromise(`the log shrank from ${seen.size.toString()} to ${size.toString()}`);
      if (seen.size === 0) continue;
      const now = await readRoot(sha256, nodesFromTiles(sha256, get, size), seen.size);
      if (!seen.root.equals(now))
        throw new BrokenPromise(`the log of ${seen.size.toString()} entries was changed`);
    }
    this.#seen.push({ size, root: Buffer.from(root) });
  }
}
