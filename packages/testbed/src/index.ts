// The whole network in one process, for tests and the demo.
export type { ForceToFound, TestbedForce } from "./found-force.ts";
export { type Testbed, type TestbedOptions, addColleague, startTestbed } from "./start-testbed.ts";
export type { TestbedCamera } from "./testbed-camera.ts";
export { TestbedError, type TestbedErrorCode } from "./testbed-error.ts";
export { trialForces } from "./trial.ts";
