// The camera: a state machine without I/O, and the headless camera that drives it.
export type { CameraEffect, EncoderOrder, Refusal, SealReason } from "../core/camera-effect.ts";
export type {
  CameraInput,
  EncodedFragment,
  EncodedInit,
  EncoderChange,
  Levels,
  Position,
} from "../core/camera-input.ts";
export { type CameraRules, DEFAULT_RULES } from "../core/camera-rules.ts";
export { type CameraState, type Shown, initialState, shownState } from "../core/camera-state.ts";
export { type Step, step } from "../core/step.ts";

export { type Battery, type BatteryReading, simulatedBattery } from "../node/battery.ts";
export { type MachineClock, machineClock } from "../node/camera-clock.ts";
export type { SealedRecording } from "../node/camera-engine.ts";
export { CameraError, type CameraErrorCode } from "../node/camera-error.ts";
export {
  type CameraOrder,
  type CameraStatus,
  type OrderOutcome,
  describeRefusal,
  orderShape,
} from "../node/camera-order.ts";
export {
  type ControlAnswer,
  type ControlRequest,
  type ControlSocket,
  listenForOrders,
  sendOrder,
} from "../node/control-socket.ts";
export type { Docking, DockOutcome, FreeOutcome, ListedRecording, PruneOutcome } from "../node/docking.ts";
export { EncodeError, type EncodeErrorCode, type EncodeSource, startEncoder } from "../node/encode/index.ts";
export type { CameraEncoder, StartEncoder } from "../node/encoder-session.ts";
export {
  type CameraRequest,
  FIRMWARE,
  createCamera,
  installCertificate,
  installIngestKey,
} from "../node/enrol.ts";
export type { Filming } from "../node/filming.ts";
export {
  type CameraOptions,
  type HeadlessCamera,
  type RecordOptions,
  openCamera,
} from "../node/headless-camera.ts";
export type { Enrolment } from "../node/identity.ts";
export { type Fix, type PositionSource, simulatedPositions } from "../node/position-source.ts";
export { PLACES, type Place, findPlace } from "../node/receiver/index.ts";
export { type FoundCamera, type FoundRecording, readCameraFolder } from "../node/read-folder.ts";
export type { ScriptedEvent } from "../node/script.ts";
export { type Disk, realDisk } from "../node/store/disk.ts";
export type { JournalHead, JournalSegment } from "../node/store/journal-files.ts";
