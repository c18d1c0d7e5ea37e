// A tail that is taken up again fails at every call, either way. What was acknowledged of it stays, whole: it is either the
// tail that was acknowledged, or the longer one that was about to be.
import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { openFolderStore } from "../src/index.ts";
import { FaultyFs } from "./faulty-fs.ts";
import { PowerCutFs } from "./power-cut-fs.ts";
import { codeOf } from "./store-suite.ts";

const root = "/data/store";
const tail = randomBytes(300);
const more = randomBytes(200);

test.each(["did-not-happen", "happened-but-failed"] as const)("extending a part: %s", async (mode) => {
  let reached = 0;
  for (let at = 0; ; at += 1) {
    const disk = new PowerCutFs();
    const fs = new FaultyFs(disk);
    const store = await openFolderStore({ root, minPartBytes: 1024, fs });
    await store.putPart("tail", 1, tail);
    fs.arm({ at, mode, code: "EIO" });
    const outcome = await codeOf(async () => {
      const writer = await store.beginPart("tail", 1, { extend: true });
      await writer.write(more);
      await writer.commit();
    });
    if (fs.failed === undefined) {
      expect(outcome).toBe("accepted");
      break;
    }
    reached += 1;
    disk.cutPower();
    const again = await openFolderStore({ root, minPartBytes: 1024, fs: disk });
    const stat = await again.stat("tail");
    const [part] = stat.kind === "absent" ? [] : stat.parts;
    const lengths = outcome === "accepted" ? [500] : [300, 500];
    expect(lengths, `call ${at.toString()}`).toContain(part?.sizeBytes);
    await again.complete("tail", [{ number: 1, sizeBytes: part?.sizeBytes ?? 0 }]);
    const opened = await again.openObject("tail");
    if (opened.kind === "absent") throw new Error("the part is gone");
    const whole = Buffer.concat([tail, more]).subarray(0, part?.sizeBytes);
    expect((await opened.object.read(0, whole.length)).equals(whole)).toBe(true);
  }
  expect(reached).toBeGreaterThan(8);
});
