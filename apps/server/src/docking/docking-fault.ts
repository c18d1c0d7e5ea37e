// Faults of docking: what should not happen and an operator must act on.

export type DockingFaultCode = "segment-damaged" | "head-contended" | "camera-gone" | "journal-key-destroyed";

export class DockingFault extends Error {
  readonly code: DockingFaultCode;

  constructor(code: DockingFaultCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "DockingFault";
    this.code = code;
  }
}
