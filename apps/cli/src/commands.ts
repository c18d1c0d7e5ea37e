// All commands, in the order in which help lists them. Each is loaded when it is asked for: an offline check needs no server.
import type { Command } from "commander";
import type { AddCommand } from "./settle-command.ts";
import type { World } from "./world.ts";

const all = new Map<string, () => Promise<AddCommand>>([
  ["serve", async () => (await import("./commands/serve.ts")).addServe],
  ["demo", async () => (await import("./commands/demo.ts")).addDemo],
  ["setup", async () => (await import("./commands/setup.ts")).addSetup],
  ["doctor", async () => (await import("./commands/doctor.ts")).addDoctor],
  ["fsck", async () => (await import("./commands/fsck.ts")).addFsck],
  ["recover", async () => (await import("./commands/recover.ts")).addRecover],
  ["backup", async () => (await import("./commands/backup.ts")).addBackup],
  ["restore", async () => (await import("./commands/restore.ts")).addRestore],
  ["person", async () => (await import("./commands/person.ts")).addPerson],
  ["key", async () => (await import("./commands/key.ts")).addKey],
  ["borough", async () => (await import("./commands/borough.ts")).addBorough],
  ["camera", async () => (await import("./commands/camera.ts")).addCamera],
  ["dock", async () => (await import("./commands/dock.ts")).addDock],
  ["import", async () => (await import("./commands/import.ts")).addImport],
  ["recording", async () => (await import("./commands/recording.ts")).addRecording],
  ["quarantine", async () => (await import("./commands/quarantine.ts")).addQuarantine],
  ["finding", async () => (await import("./commands/finding.ts")).addFinding],
  ["export", async () => (await import("./commands/export.ts")).addExport],
  ["verify", async () => (await import("./commands/verify.ts")).addVerify],
  ["hold", async () => (await import("./commands/hold.ts")).addHold],
  ["retention", async () => (await import("./commands/retention.ts")).addRetention],
]);

/** Adds the command that `words` begin with, or all of them where that is none: help lists them, and so does a mistake. */
export async function addCommands(program: Command, world: World, words: readonly string[]): Promise<void> {
  const asked = all.get(words[0] ?? "");
  const wanted = asked === undefined ? [...all.values()] : [asked];
  for (const add of await Promise.all(wanted.map((load) => load()))) add(program, world);
}
