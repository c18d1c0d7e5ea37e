// What crosses between the main thread and an intake worker.
import type { EndOf, IntakeFaultCode, IntakeJob, StoredProgress } from "./intake-job.ts";
import type { StoredTask, StoredTaskResult } from "./stored-task.ts";

export interface WorkerSettings {
  /** The object store's folder. */
  readonly storeRoot: string;
  /** Shared with the main thread (`slots.ts`). */
  readonly slots: SharedArrayBuffer;
}

export type ToWorker =
  | { readonly kind: "open"; readonly session: number; readonly job: IntakeJob }
  | { readonly kind: "bytes"; readonly session: number; readonly chunks: readonly Uint8Array[] }
  | {
      readonly kind: "slot";
      readonly session: number;
      readonly slot: number;
      readonly lengthBytes: number;
    }
  | { readonly kind: "end"; readonly session: number; readonly how: EndOf }
  | { readonly kind: "task"; readonly session: number; readonly task: StoredTask };

export interface WireFault {
  readonly code: IntakeFaultCode;
  readonly message: string;
}

export type FromWorker =
  | {
      readonly kind: "taken";
      readonly session: number;
      readonly sizeBytes: number;
      /** The slot that is free again. */
      readonly slot: number | null;
    }
  | { readonly kind: "stored"; readonly session: number; readonly progress: StoredProgress }
  | { readonly kind: "failed"; readonly session: number; readonly fault: WireFault }
  | { readonly kind: "ended"; readonly session: number; readonly fault: WireFault | null }
  | { readonly kind: "done"; readonly session: number; readonly result: StoredTaskResult };
