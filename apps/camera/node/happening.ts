// An input of the state machine to which the driver still adds the time.
import type { CameraInput } from "../core/camera-input.ts";

export type Happening = CameraInput extends infer Input
  ? Input extends CameraInput
    ? Omit<Input, "nowMs">
    : never
  : never;
