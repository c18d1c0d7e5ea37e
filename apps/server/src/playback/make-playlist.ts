// The HLS playlist of a recording over its stored fragments: byte ranges of the playable file, nothing transcoded.
import { buildFragmentIndex, hlsPlaylist, type PartDescription } from "@sworn/media";
import type { PartMap } from "./part-map.ts";
import type { PlayableRow } from "./store.ts";

/** Null for footage without fragments. Times are given where the recording's clock was corrected or decided. */
export function makePlaylist(
  row: Pick<PlayableRow, "format" | "clock" | "recorded_start_at">,
  map: PartMap,
  mediaUri: string,
): string | null {
  if (row.format !== "cmaf") return null;
  const parts = map.parts.map(({ lengthBytes, startMs, durationMs }, index): PartDescription =>
    index === 0 ? { kind: "init", lengthBytes } : { kind: "fragment", lengthBytes, startMs, durationMs },
  );
  const isTimed = row.clock !== null && row.clock !== "unbounded" && row.recorded_start_at !== null;
  return hlsPlaylist(buildFragmentIndex(parts), {
    initUri: mediaUri,
    mediaUri,
    ...(isTimed && row.recorded_start_at !== null ? { startedAtMs: row.recorded_start_at.getTime() } : {}),
  });
}
