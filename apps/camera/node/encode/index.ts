/**
 * The encoder of the headless camera: a source in, a CMAF stream out, in a child process.
 *
 * Pre-record is one continuous stream whose microphone is off: start with `audioFromMs: null` (or the press, where it
 * is known) and send `{ mute: false }` at the press; the `unmuted` event names the first fragment with sound. Until
 * then the sound track holds digital silence, so that a player keeps picture and sound together.
 */

export { startEncoder } from "./start-encoder.ts";
export type { Encoder, StartEncoderOptions } from "./start-encoder.ts";
export { chooseBackend } from "./choose-backend.ts";
export type { ChosenBackend } from "./choose-backend.ts";
export { EncodeError } from "./encode-error.ts";
export type { EncodeErrorCode } from "./encode-error.ts";
export type { BackendName, ControlMessage, EncodeSettings, EncodeSource } from "./encode-options.ts";
export type { EncodeEvent, EncodeSummary } from "./messages.ts";
