// What a dock needs of a camera: the docking side of the headless camera, and of any other that offers the same.
import type { Docking } from "@sworn/camera";

export type DockableCamera = Pick<
  Docking,
  | "cameraId"
  | "connect"
  | "docked"
  | "envelope"
  | "free"
  | "journalHead"
  | "listRecordings"
  | "prune"
  | "readJournal"
  | "readMedia"
  | "setClock"
>;
