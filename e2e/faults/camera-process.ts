// A camera as a process of its own: switches on, records one film of synthetic fragments, seals, switches off. Tells how
// many parts it had stored, as it goes. Arguments: folder, bytes of a fragment's samples, milliseconds of media.
import { openCamera } from "@sworn/camera";
import { formatId } from "@sworn/custody";
import { fastEncoder } from "../../apps/camera/test/node/fake-encoder.ts";
import { tell } from "./told-lines.ts";

/** Media time before the press, in memory only until then. */
const PRERECORD_MS = 4_000;
const FRAGMENT_MS = 2_000;

const [folder = "", size = "", durationMs = ""] = process.argv.slice(2);
const fragmentBytes = Number(size);
const startEncoder = fastEncoder({
  fragmentBytes,
  onTaken: (taken) => {
    // The last one taken may still be on its way to the disk; the init segment is no fragment.
    const stored = taken - 1;
    if (stored > PRERECORD_MS / FRAGMENT_MS) tell("stored", `${size} ${stored.toString()}`);
  },
});
const camera = await openCamera(folder, { pulseEveryMs: null, startEncoder });
await camera.powerOn("button");
tell("ready");
const sealed = await camera.record({
  filming: { source: { kind: "scene", seed: "faults" }, pace: "as-fast" },
  durationMs: Number(durationMs),
  prerecordMs: PRERECORD_MS,
});
tell("sealed", `${formatId(sealed.id)} ${size} ${sealed.parts.toString()} ${sealed.reason}`);
await camera.powerOff();
await camera.close();
