// The progress of a backup or restore on stderr: one line drawn again for a person who watches, nothing else for a log.
import { bytesText } from "./output.ts";
import type { World } from "./world.ts";

const redrawMs = 200;

export interface CopyProgress {
  readonly onProgress: (what: string, copied: { readonly files: number; readonly bytes: number }) => void;
  /** Takes the line away. */
  end(): void;
}

export function copyProgress(world: World): CopyProgress {
  let drawnAtMs = -redrawMs;
  return {
    onProgress(what, { files, bytes }) {
      if (!world.isWatched || performance.now() - drawnAtMs < redrawMs) return;
      drawnAtMs = performance.now();
      const line = `${what}: ${files.toLocaleString("en-GB")} files, ${bytesText(bytes)}`;
      world.stderr.write(`\r\u001B[K${line.slice(0, world.columns - 1)}`);
    },
    end() {
      if (world.isWatched) world.stderr.write("\r\u001B[K");
    },
  };
}
