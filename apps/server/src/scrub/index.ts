// The front door of the scrub: stored bytes are read again and again, before somebody needs them.
export { startScrub } from "./run-scrub.ts";
export { scrubNext } from "./scrub-recording.ts";
