// The front door of playback: plays, byte ranges, playlists, the page, and posters.
import type { RecordingId } from "@sworn/contract";
import type { RegisterRoutes } from "../http/app.ts";
import type { Task } from "../jobs/index.ts";
import { OpenRecordings } from "./open-recordings.ts";
import { PlaySessions } from "./play-sessions.ts";
import { playRoutes } from "./play-routes.ts";
import type { PlaybackPorts } from "./ports.ts";
import { makePosterTask, type PosterOptions } from "./poster/make-poster.ts";
import { recordingPlayRoutes } from "./routes.ts";

export { enqueuePoster, type PosterOptions } from "./poster/make-poster.ts";
export type { PlaybackPorts } from "./ports.ts";
export { derivativeAssociatedData } from "./read-poster.ts";

export interface Playback {
  readonly routes: readonly RegisterRoutes[];
  /** The job that makes posters; `enqueuePoster` queues it. */
  readonly posterTask: Task;
  /** To be called once a recording is ordered to be destroyed: its key leaves memory and its streams end. */
  forget(id: RecordingId): void;
  /** Wipes the keys in memory. */
  close(): void;
}

/** `poster.readEntries` is docking's `readJournal` with its ports. */
export function openPlayback(
  ports: PlaybackPorts,
  options: { readonly poster?: PosterOptions } = {},
): Playback {
  const open = new OpenRecordings(ports);
  const sessions = new PlaySessions(ports);
  return {
    routes: [recordingPlayRoutes(ports, open, sessions), playRoutes(ports, open, sessions)],
    posterTask: makePosterTask(ports, open, options.poster ?? {}),
    forget: (id) => {
      open.forget(id);
    },
    close: () => {
      open.close();
    },
  };
}
