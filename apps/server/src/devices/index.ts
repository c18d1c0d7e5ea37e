// The front door of devices: cameras and docks, who wears which, and what follows when one is lost.
export { findCamera } from "./find-camera.ts";
export { publicForceRoutes } from "./public-routes.ts";
export { RevocationLists } from "./revocation-lists.ts";
export { devicesRoutes } from "./routes.ts";
export { lockCamera, readCamera, type StoredCamera } from "./store.ts";
