// The API once: schemas, error codes and ids that server, clients, web, CLI and tests share.
export * from "./bytes.ts";
export * from "./devices.ts";
export * from "./docking.ts";
export * from "./evidence.ts";
export * from "./findings.ts";
export * from "./hand-ins.ts";
export * from "./holds.ts";
export * from "./ids.ts";
export * from "./ingest.ts";
export * from "./people.ts";
export * from "./playback.ts";
export * from "./problem.ts";
export * from "./retention.ts";
