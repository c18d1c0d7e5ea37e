// The front door of the scrub: stored bytes are read again and again, before somebody needs them, copied to a second
// store, and mended from it.
export { startCopies, walkStores, type CopyPorts } from "./copy-objects.ts";
export { CopyQueue } from "./copy-queue.ts";
export { startScrub } from "./run-scrub.ts";
export { scrubOthers } from "./scrub-others.ts";
export { scrubNext } from "./scrub-recording.ts";
export type { ScrubPorts } from "./settle-object.ts";
export { readProgress } from "./store.ts";
