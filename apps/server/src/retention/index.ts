// The front door of retention: classes and their clocks, holds that beat them, and destruction under a certificate.
export { changeRoutes } from "./change-routes.ts";
export { destroyRecording } from "./destroy-recording.ts";
export { holdRoutes } from "./hold-routes.ts";
export { placeHold } from "./place-hold.ts";
export { planRetention } from "./plan-retention.ts";
export { certificateKeyOf, keyIdOf, type RetentionPorts } from "./ports.ts";
export { releaseHold } from "./release-hold.ts";
export { retentionTask } from "./retention-task.ts";
export { retentionRoutes } from "./routes.ts";
export { runRetention } from "./run-retention.ts";
export { seedRetention } from "./seed-retention.ts";
export { defaultSettings, type RetentionSettings } from "./settings.ts";
export { type DestroyedWhileHeld, listDestroyedWhileHeld } from "./holds-store.ts";
export { knowsClass } from "./knows-class.ts";
