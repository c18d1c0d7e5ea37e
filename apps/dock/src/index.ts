// The dock: sets cameras' clocks, and brings their journals and footage to the server. It needs no key to the footage.
export { dockCamera, type DockOptions } from "./dock-camera.ts";
export { type CameraOutcome, dockCameras } from "./dock-cameras.ts";
export { DockError, type DockErrorCode } from "./dock-error.ts";
export type { ClockReading, DockClock } from "./dock-link.ts";
export type { DockableCamera } from "./dockable-camera.ts";
export { type DockIdentity, type EnrolDockOptions, enrolDock, openDock } from "./identity.ts";
export type { DockedRecording, DockProgress, DockReport, RecordingOutcome } from "./report.ts";
export {
  type DockKey,
  type RequestToSign,
  type SigningSession,
  readDockKey,
  signRequest,
} from "./sign-request.ts";
export { type StreamOptions, type StreamSender, streamRequests } from "./stream-request.ts";
