// Somebody changes a byte of a recording on the camera's own disk, behind the camera's back.
import type { Operation } from "./operation.ts";
import type { Random } from "./random.ts";
import type { World } from "./world.ts";

export function tamper(world: World, random: Random): Operation | null {
  const camera = random.pick(world.cameras);
  const root = camera.machine.root.entries.get("camera");
  const folders = root?.kind === "folder" ? root.entries.get("recordings") : undefined;
  const sealed = camera.sealed();
  if (folders?.kind !== "folder" || sealed.length === 0) return null;
  const target = random.pick(sealed);
  return {
    ...{ name: `${camera.name}/${String(target.number)} is tampered with`, on: null },
    run: () => {
      const known = world.model.recordings.get(target.id);
      for (const [name, folder] of folders.entries) {
        if (!name.includes(target.id) || folder.kind !== "folder") continue;
        for (const file of folder.entries.values()) {
          if (file.kind !== "file" || file.sizeBytes < 1_000) continue;
          const at = random.between(0, file.sizeBytes - 1);
          file.bytes.writeUInt8(file.bytes.readUInt8(at) ^ 1, at);
          file.durable = Buffer.from(file.bytes.subarray(0, file.sizeBytes));
          if (known) known.isDamaged = true;
          return Promise.resolve("done");
        }
      }
      return Promise.resolve("nothing found");
    },
  };
}
