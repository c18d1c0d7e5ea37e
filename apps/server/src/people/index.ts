// People: forces, boroughs, teams, persons, their API keys, and the one-time set-up.
export { findKey } from "./find-key.ts";
export { issueFirstSetupCode, issueSetupCode, setupCodeValidMs } from "./issue-setup-code.ts";
export { peopleRoutes } from "./routes.ts";
export type { Founding } from "./set-up-force.ts";
export { listForceIds } from "./store.ts";
