// A dock as a process of its own: docks one camera. Tells what the camera holds before anything moves, and each receipt
// before the camera frees a recording against it. Arguments: camera's folder, dock's folder, the server's address.
import { installIngestKey, openCamera } from "@sworn/camera";
import { formatId } from "@sworn/custody";
import { type DockableCamera, dockCameras, openDock, streamRequests } from "@sworn/dock";
import { tell } from "./told-lines.ts";

const [folder = "", dockFolder = "", server = ""] = process.argv.slice(2);
const identity = await openDock(dockFolder);
const camera = await openCamera(folder, { pulseEveryMs: null });
await camera.powerOn("dock");
const { dock } = camera;
const idOf = new Map(dock.listRecordings().map(({ number, id }) => [number, formatId(id)]));
tell("holds", [...idOf.values()].join(","));

const watched: DockableCamera = {
  cameraId: dock.cameraId,
  connect: () => dock.connect(),
  docked: (session) => dock.docked(session),
  envelope: (number) => dock.envelope(number),
  journalHead: () => dock.journalHead(),
  listRecordings: () => dock.listRecordings(),
  prune: (head) => dock.prune(head),
  readJournal: (from) => dock.readJournal(from),
  readMedia: (number, offset, lengthBytes) => dock.readMedia(number, offset, lengthBytes),
  setClock: (setting) => dock.setClock(setting),
  free(number, receipt, certificates) {
    tell("receipt", `${idOf.get(number) ?? ""} ${Buffer.from(receipt).toString("base64")}`);
    return dock.free(number, receipt, certificates);
  },
};
const sender = streamRequests();
const [outcome] = await dockCameras([watched], {
  ...{ server, identity, clock: { nowMs: () => Date.now() }, send: sender.send },
  onIngestKey: (_camera, statement) => installIngestKey(folder, statement),
});
if (outcome?.kind === "docked") {
  const { recordings, missing, findings } = outcome.report;
  for (const { recording, outcome: each } of recordings)
    tell("moved", `${recording} ${each.kind} ${each.kind === "failed" ? each.error.message : ""}`);
  for (const one of missing) tell("missing", one.recording);
  for (const one of findings) tell("finding", one.kind);
  tell("docked", recordings.filter((one) => one.outcome.kind !== "freed").length.toString());
} else tell("failed", outcome?.error.message ?? "");
sender.close();
await camera.dock.undock("off");
await camera.close();
