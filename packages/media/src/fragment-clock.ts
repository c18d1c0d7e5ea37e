/**
 * How far a fragmented file of another maker runs: follows its `moof`s in order. Files that are no CMAF may lack
 * `tfdt` and may address samples by file position; both are taken here, since only times matter.
 */
import { childrenOf } from "./box-tree.ts";
import type { Track } from "./movie.ts";
import { ticksToMs } from "./ticks.ts";
import { readForeignTrackRuns, readTrackIdOfFragment } from "./track-run.ts";
import type { Box } from "./walk-boxes.ts";

export class FragmentClock {
  readonly #tracks: ReadonlyMap<number, Track>;
  readonly #endTicks = new Map<number, number>();

  constructor(tracks: readonly Track[]) {
    this.#tracks = new Map(tracks.map((track) => [track.trackId, track]));
  }

  /** Takes the next `moof`; trafs of tracks that the film does not list are passed over. */
  add(moof: Box): void {
    for (const traf of childrenOf(moof).filter((box) => box.type === "traf")) {
      const trackId = readTrackIdOfFragment(traf);
      const track = this.#tracks.get(trackId);
      if (track === undefined) continue;
      const runs = readForeignTrackRuns(traf, track, this.#endTicks.get(trackId) ?? 0);
      this.#endTicks.set(trackId, runs.baseDecodeTimeTicks + runs.durationTicks);
    }
  }

  /** End of the track that runs longest, in whole ms; null before the first fragment. */
  get endMs(): number | null {
    let endMs: number | null = null;
    for (const [trackId, ticks] of this.#endTicks) {
      const track = this.#tracks.get(trackId);
      if (track !== undefined) endMs = Math.max(endMs ?? 0, ticksToMs(ticks, track.timescale));
    }
    return endMs;
  }
}
