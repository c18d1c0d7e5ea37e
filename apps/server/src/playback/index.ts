// The front door of playback: plays, byte ranges, playlists, the page, and posters.
import type { RecordingId } from "@sworn/contract";
import type { RegisterRoutes } from "../http/app.ts";
import type { Task } from "../jobs/index.ts";
import { OpenRecordings } from "./open-recordings.ts";
import { PlaySessions } from "./play-sessions.ts";
import { playRoutes } from "./play-routes.ts";
import type { PlaybackPorts } from "./ports.ts";
import { makePosterTask } from "./poster/make-poster.ts";
import type { DecoderName } from "./poster/choose-decoder.ts";
import { recordingPlayRoutes } from "./routes.ts";

export { certificatePath } from "./media-routes.ts";
export { enqueuePoster } from "./poster/make-poster.ts";
export { PlaybackFault, type PlaybackFaultCode } from "./playback-fault.ts";
export type { PlaybackPorts } from "./ports.ts";

export interface Playback {
  readonly routes: readonly RegisterRoutes[];
  /** The job that makes posters; `enqueuePoster` queues it. */
  readonly posterTask: Task;
  /** To be called once a recording is ordered to be destroyed: its key leaves memory and its streams end. */
  forget(id: RecordingId): void;
  /** Wipes the keys in memory. */
  close(): void;
}

/** `decoder` and `ffmpegPath` are the configuration's choice; node-av, then `ffmpeg`, unless given. */
export function openPlayback(
  ports: PlaybackPorts,
  options: { readonly decoder?: DecoderName; readonly ffmpegPath?: string } = {},
): Playback {
  const open = new OpenRecordings(ports);
  const sessions = new PlaySessions(ports);
  return {
    routes: [recordingPlayRoutes(ports, open, sessions), playRoutes(ports, open, sessions)],
    posterTask: makePosterTask(ports, open, options),
    forget: (id) => {
      open.forget(id);
    },
    close: () => {
      open.close();
    },
  };
}
