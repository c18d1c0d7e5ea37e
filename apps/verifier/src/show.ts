// How moments, spans and sizes are written for a person. Times are UTC, so that a report reads the same everywhere.

/** `2026-11-23 19:48:14 UTC`; a number that is no date is shown as it is. */
export function showDate(ms: number): string {
  if (!Number.isFinite(ms) || Math.abs(ms) > 8.64e15) return `${ms} ms`;
  return `${new Date(ms).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

/** Media time: `0:07`, `1:02:03`; with tenths where they matter: `0:07.5`. */
export function showMediaTime(ms: number): string {
  const tenths = Math.round(ms / 100);
  const seconds = Math.floor(tenths / 10);
  const two = (value: number): string => String(value).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  const clock =
    hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
  return tenths % 10 === 0 ? clock : `${clock}.${tenths % 10}`;
}

export function showRange(range: { readonly fromMs: number; readonly toMs: number }): string {
  return `${showMediaTime(range.fromMs)} to ${showMediaTime(range.toMs)}`;
}

/** `1 234 567 bytes`, grouped so that it can be read and compared. */
export function showBytes(bytes: number): string {
  const grouped = String(bytes).replaceAll(/\B(?=(\d{3})+$)/g, " ");
  return `${grouped} ${bytes === 1 ? "byte" : "bytes"}`;
}

export function showCount(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
