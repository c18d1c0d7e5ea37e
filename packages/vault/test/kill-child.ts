// The process that kill.test.ts kills: writes objects and keys without end, and says on standard output what was
// acknowledged, one line each, only after the call returned. Started with the base folder and a round's number.
import { createHash } from "node:crypto";
import { writeSync } from "node:fs";
import { join } from "node:path";
import { openFolderStore, openKeyRing } from "../src/index.ts";

/** The bytes that belong to a name: the parent makes them again to compare. */
export function bytesOf(name: string, lengthBytes: number): Buffer {
  return createHash("shake128", { outputLength: lengthBytes }).update(name).digest();
}

function tell(line: string): void {
  writeSync(1, `${line}\n`);
}

async function write(base: string, round: string): Promise<never> {
  const store = await openFolderStore({ root: join(base, "store"), minPartBytes: 1024 });
  const places = [join(base, "a"), join(base, "b")] as const;
  const ring = await openKeyRing({ places, rootFolder: join(base, "roots") });
  tell("ready");
  for (let i = 0; ; i += 1) {
    const id = `r${round}/${String(i)}`;
    tell(`begun ${id}`);
    await ring.put(id, bytesOf(id, 32));
    tell(`key ${id}`);
    const parts = [
      await store.putPart(id, 1, bytesOf(id, 400_000)),
      await store.putPart(id, 2, bytesOf(id, 5000)),
    ];
    tell(`parts ${id}`);
    await store.complete(id, parts);
    tell(`complete ${id}`);
    if (i % 3 === 2) {
      tell(`destroying ${id}`);
      await ring.delete(id);
      tell(`shredded ${id}`);
      await store.delete(id);
      tell(`deleted ${id}`);
    }
    if (i % 5 === 4) await ring.rotateRoot();
  }
}

const [base, round] = process.argv.slice(2);
if (base !== undefined && round !== undefined && process.argv[1]?.endsWith("kill-child.ts") === true) {
  await write(base, round);
}
