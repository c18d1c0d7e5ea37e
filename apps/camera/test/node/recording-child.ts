// Run by recovery.test.ts: records without end and says how many parts were stored, until it is killed.
import { openCamera } from "../../node/headless-camera.ts";
import { fastEncoder } from "./fake-encoder.ts";
import { testClock } from "./camera-rig-clock.ts";

const folder = process.argv[2];
if (folder === undefined) throw new Error("usage: recording-child FOLDER");
let before = 0;
const startEncoder = fastEncoder({
  fragmentBytes: 30_000,
  onTaken: async (taken) => {
    // Fragments before the press are in memory only.
    if (taken > 2) process.stdout.write(`${String(before + taken - 1)}\n`);
    await new Promise((resolve) => {
      setTimeout(resolve, 2);
    });
  },
});
const camera = await openCamera(folder, { clock: testClock(), pulseEveryMs: null, startEncoder });
await camera.powerOn();
for (;;) {
  const sealed = await camera.record({
    filming: { source: { kind: "scene", seed: "s" }, pace: "as-fast" },
    durationMs: 60_000,
    prerecordMs: 4_000,
  });
  before += sealed.parts;
}
