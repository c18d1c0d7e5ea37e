// Names for what problems are about.
import type { CameraId, RecordingId } from "@sworn/contract";
import type { Subject } from "./problem.ts";

const recordingKey = /^recording\/([0-9a-f-]{36})$/;
const recordingObject = /^[0-9a-f-]{36}\/recordings\/([0-9a-f-]{36})\//;

export const rowOf = (
  table: string,
  id: string | number,
  of: { recording?: RecordingId; camera?: CameraId } = {},
): Subject => ({
  type: "row",
  id: `${table} ${id.toString()}`,
  ...of,
});

export function objectOf(key: string, more: Pick<Subject, "camera" | "part"> = {}): Subject {
  const recording = recordingObject.exec(key)?.[1] as RecordingId | undefined;
  return { type: "object", id: key, ...(recording === undefined ? {} : { recording }), ...more };
}

/** `place` counts from 0, as the key ring does. */
export function keyOf(id: string, place?: 0 | 1): Subject {
  const recording = recordingKey.exec(id)?.[1] as RecordingId | undefined;
  return {
    type: "key",
    id,
    ...(recording === undefined ? {} : { recording }),
    ...(place === undefined ? {} : { place: place === 0 ? 1 : 2 }),
  };
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
