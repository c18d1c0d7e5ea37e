// All commands, in the order in which help lists them.
import type { Command } from "commander";
import { addBackup } from "./commands/backup.ts";
import { addBorough } from "./commands/borough.ts";
import { addCamera } from "./commands/camera.ts";
import { addDemo } from "./commands/demo.ts";
import { addDock } from "./commands/dock.ts";
import { addDoctor } from "./commands/doctor.ts";
import { addExport } from "./commands/export.ts";
import { addFinding } from "./commands/finding.ts";
import { addFsck } from "./commands/fsck.ts";
import { addHold } from "./commands/hold.ts";
import { addImport } from "./commands/import.ts";
import { addKey } from "./commands/key.ts";
import { addPerson } from "./commands/person.ts";
import { addQuarantine } from "./commands/quarantine.ts";
import { addRecover } from "./commands/recover.ts";
import { addRecording } from "./commands/recording.ts";
import { addRestore } from "./commands/restore.ts";
import { addRetention } from "./commands/retention.ts";
import { addServe } from "./commands/serve.ts";
import { addSetup } from "./commands/setup.ts";
import { addVerify } from "./commands/verify.ts";
import type { World } from "./world.ts";

const all = [
  ...[addServe, addDemo, addSetup, addDoctor, addFsck],
  ...[addRecover, addBackup, addRestore],
  ...[addPerson, addKey, addBorough],
  ...[addCamera, addDock, addImport],
  ...[addRecording, addQuarantine, addFinding, addExport, addVerify],
  ...[addHold, addRetention],
];

export function addCommands(program: Command, world: World): void {
  for (const add of all) add(program, world);
}
