// Where a recording was filmed: the box around its positions, which only the recording's key reveals.
import { equalBytes, parseId, type Opening } from "@sworn/custody";
import { onlyRecording, type OpenableRecording } from "./open-recording-openings.ts";
import { readJournal, type CameraPlace, type JournalPorts } from "./read-journal.ts";
import { openSealed } from "./sealed-opening.ts";

/** In 10⁻⁷ degree, WGS 84. `west` > `east` never occurs: no force films across the date line. */
export interface RecordingBox {
  readonly south: number;
  readonly west: number;
  readonly north: number;
  readonly east: number;
}

const MOST_LATITUDE = 900_000_000;
const MOST_LONGITUDE = 1_800_000_000;

/** Null: no position could be read. `range`: the sequences of the recording's first and last entry. @throws DockingFault */
export async function readRecordingBox(
  ports: JournalPorts,
  place: CameraPlace,
  recording: OpenableRecording,
): Promise<RecordingBox | null> {
  const force = parseId(place.forceId);
  const keys = onlyRecording(recording);
  let box: RecordingBox | null = null;
  for (const record of await readJournal(ports, place, recording)) {
    if (record.entry.kind !== "fragment" || !equalBytes(record.entry.body.recording, recording.id)) continue;
    const opened = await openSealed(force, record, keys);
    if (opened.kind === "opened") box = boxAround(box, positionsOf(opened.opening));
  }
  return box;
}

type Place = readonly [latitude: number, longitude: number];

/** Positions within a fragment's opening, without those that are nowhere on earth. */
function positionsOf({ details }: Opening): Place[] {
  const { positions } = details;
  if (!Array.isArray(positions)) return [];
  return positions.flatMap((position: unknown): Place[] => {
    if (!Array.isArray(position)) return [];
    const [, latitude, longitude] = position as unknown[];
    const isPlace =
      typeof latitude === "number" &&
      typeof longitude === "number" &&
      Math.abs(latitude) <= MOST_LATITUDE &&
      Math.abs(longitude) <= MOST_LONGITUDE;
    return isPlace ? [[latitude, longitude]] : [];
  });
}

function boxAround(box: RecordingBox | null, places: readonly Place[]): RecordingBox | null {
  let around = box;
  for (const [latitude, longitude] of places) {
    around = {
      south: Math.min(around?.south ?? latitude, latitude),
      west: Math.min(around?.west ?? longitude, longitude),
      north: Math.max(around?.north ?? latitude, latitude),
      east: Math.max(around?.east ?? longitude, longitude),
    };
  }
  return around;
}
