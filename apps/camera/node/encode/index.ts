/** The encoder of the headless camera: a source in, a CMAF stream out, in a child process. */

export { startEncoder } from "./start-encoder.ts";
export type { Encoder, StartEncoderOptions } from "./start-encoder.ts";
export { chooseBackend } from "./choose-backend.ts";
export type { ChosenBackend } from "./choose-backend.ts";
export { EncodeError } from "./encode-error.ts";
export type { EncodeErrorCode } from "./encode-error.ts";
export type { BackendName, ControlMessage, EncodeSettings, EncodeSource } from "./encode-options.ts";
export type { EncodeEvent, EncodeSummary } from "./messages.ts";
