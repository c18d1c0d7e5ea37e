// Progress of uploads on standard error: bars that are drawn again in place for a person who watches, else one line for
// each recording that is done.
import type { DockProgress } from "@sworn/dock";
import { bytesText, type Output } from "./output.ts";
import type { World } from "./world.ts";

const REDRAW_MS = 80;
const BAR_COLUMNS = 24;

interface Bar {
  readonly label: string;
  sentBytes: number;
  readonly totalBytes: number;
}

export function drawBar(sent: number, total: number, columns = BAR_COLUMNS): string {
  const share = total === 0 ? 1 : Math.min(1, sent / total);
  const full = Math.floor(share * columns);
  return `${"█".repeat(full)}${"░".repeat(columns - full)} ${Math.floor(share * 100)
    .toString()
    .padStart(3)} %`;
}

export class UploadBars {
  readonly #world: World;
  readonly #output: Output;
  readonly #nameOf: (camera: string) => string;
  readonly #bars = new Map<string, Bar>();
  #drawnLines = 0;
  #drawnAtMs = 0;

  /** `nameOf`: a camera's name by its id. */
  constructor(world: World, output: Output, nameOf: (camera: string) => string = (id) => id.slice(0, 8)) {
    this.#world = world;
    this.#output = output;
    this.#nameOf = nameOf;
  }

  tell(progress: DockProgress): void {
    if (progress.kind === "upload") {
      const key = `${progress.camera}/${progress.number.toString()}`;
      const label = `${this.#nameOf(progress.camera)} #${progress.number.toString()}`;
      const bar = this.#bars.get(key) ?? { label, sentBytes: 0, totalBytes: progress.totalBytes };
      bar.sentBytes = progress.sentBytes;
      this.#bars.set(key, bar);
      this.#draw(false);
    } else if (progress.kind === "recording" && !this.#world.isWatched) {
      const name = `${this.#nameOf(progress.camera)} #${progress.number.toString()}`;
      this.#output.note(`${name}: ${progress.outcome.kind}`);
    }
  }

  /** Leaves the last picture standing. */
  end(): void {
    this.#draw(true);
    this.#drawnLines = 0;
    this.#bars.clear();
  }

  #draw(now: boolean): void {
    if (!this.#world.isWatched || this.#bars.size === 0) return;
    const nowMs = performance.now();
    if (!now && nowMs - this.#drawnAtMs < REDRAW_MS) return;
    this.#drawnAtMs = nowMs;
    const width = Math.max(...[...this.#bars.values()].map(({ label }) => label.length));
    const lines = [...this.#bars.values()].map(
      ({ label, sentBytes, totalBytes }) =>
        `  ${label.padEnd(width)}  ${drawBar(sentBytes, totalBytes)}  ${bytesText(totalBytes)}`,
    );
    const up = this.#drawnLines > 0 ? `\u001b[${this.#drawnLines.toString()}A` : "";
    this.#world.stderr.write(
      `${up}${lines.map((line) => `\u001b[2K${line.slice(0, this.#world.columns)}\n`).join("")}`,
    );
    this.#drawnLines = lines.length;
  }
}
