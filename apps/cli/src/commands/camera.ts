// sworn camera …: enrol, issue, run and ask cameras, and report one lost.
import { addGroup, type AddCommand } from "../settle-command.ts";
import { addCameraAssign } from "./camera-assign.ts";
import { addCameraEnrol } from "./camera-enrol.ts";
import { addCameraEvent } from "./camera-event.ts";
import { addCameraList } from "./camera-list.ts";
import { addCameraLost } from "./camera-lost.ts";
import { addCameraRecord } from "./camera-record.ts";
import { addCameraStandby } from "./camera-standby.ts";
import { addCameraStatus } from "./camera-status.ts";

export const addCamera: AddCommand = (parent, world) => {
  const group = addGroup(parent, "camera", "cameras: a headless camera is a folder");
  const commands = [
    ...[addCameraEnrol, addCameraAssign, addCameraStandby, addCameraRecord],
    ...[addCameraEvent, addCameraStatus, addCameraList, addCameraLost],
  ];
  for (const add of commands) add(group, world);
};
