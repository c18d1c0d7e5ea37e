// A refusal: the state stays as it was, and whoever asked is told why.
import type { CameraEffect, Refusal } from "./camera-effect.ts";
import type { CameraState } from "./camera-state.ts";

/** The order is not followed, and nothing changes. */
export function refuse(state: CameraState, why: Refusal, effects: CameraEffect[]): CameraState {
  effects.push({ kind: "refused", why });
  return state;
}
