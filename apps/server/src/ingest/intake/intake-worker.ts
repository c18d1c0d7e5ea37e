// The thread that decrypts, hashes and writes. It opens the object store beside the main thread: only the main thread
// sweeps the store's temporary files, because here they may be another thread's parts.
import { join } from "node:path";
import { parentPort, workerData } from "node:worker_threads";
import { blockingStoreFs, openFolderStore } from "@sworn/vault";
import { IntakeFault } from "./intake-job.ts";
import { OrderedIntake } from "./intake-pool.ts";
import { faultOf } from "./part-sink.ts";
import { bytesInSlot } from "./slots.ts";
import { runStoredTask } from "./stored-task.ts";
import type { FromWorker, ToWorker, WireFault, WorkerSettings } from "./worker-messages.ts";

const { storeRoot, slots } = workerData as WorkerSettings;
const port = parentPort;
if (port === null) throw new IntakeFault("fault", "the intake worker is started as a thread");

const swept = new Set([join(storeRoot, "tmp"), join(storeRoot, "trash")]);
const store = await openFolderStore({
  root: storeRoot,
  fs: {
    ...blockingStoreFs,
    names: (path) => (swept.has(path) ? Promise.resolve([]) : blockingStoreFs.names(path)),
  },
});

const sessions = new Map<number, OrderedIntake>();
const tell = (message: FromWorker): void => {
  port.postMessage(message);
};
const wire = (error: unknown): WireFault => {
  const { code, message } = faultOf(error);
  return { code, message };
};

port.on("message", (message: ToWorker) => {
  const { session } = message;
  switch (message.kind) {
    case "open":
      try {
        sessions.set(
          session,
          new OrderedIntake(message.job, store, {
            taken: (sizeBytes, slot) => {
              tell({ kind: "taken", session, sizeBytes, slot });
            },
            stored: (progress) => {
              tell({ kind: "stored", session, progress });
            },
            failed: (fault) => {
              tell({ kind: "failed", session, fault: wire(fault) });
            },
          }),
        );
      } catch (error) {
        tell({ kind: "failed", session, fault: wire(error) });
      }
      break;
    case "bytes":
      sessions.get(session)?.send(message.chunks, null);
      break;
    case "slot":
      sessions.get(session)?.send([bytesInSlot(slots, message.slot, message.lengthBytes)], message.slot);
      break;
    case "end":
      void (
        sessions.get(session)?.end(message.how) ?? Promise.reject(new IntakeFault("fault", "no such session"))
      )
        .then(
          () => null,
          (error: unknown) => wire(error),
        )
        .then((fault) => {
          sessions.delete(session);
          tell({ kind: "ended", session, fault });
        });
      break;
    case "task":
      void runStoredTask(store, message.task).then(
        (result) => {
          tell({ kind: "done", session, result });
        },
        (error: unknown) => {
          tell({ kind: "failed", session, fault: wire(error) });
        },
      );
  }
});
