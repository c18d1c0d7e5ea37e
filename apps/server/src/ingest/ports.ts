// What the use cases of ingest are given.
import type { EvidencePorts } from "../evidence/index.ts";
import type { IntakePool } from "./intake/intake-pool.ts";
import type { InFlight } from "./in-flight.ts";
import type { UploadMemory } from "./upload-memory.ts";

export interface IngestLimits {
  /** Bytes that one connection may have under way. */
  readonly connectionBytes: number;
  /** Bytes that all connections together may have under way. */
  readonly totalBytes: number;
  /** Bytes of what waits in quarantine, for each force. */
  readonly quarantineBytes: number;
  /** How long a connection's lease lasts without a sign of life, ms. */
  readonly leaseMs: number;
  readonly storePartBytes: number;
}

export const DEFAULT_INGEST_LIMITS: IngestLimits = {
  connectionBytes: 4 * 1024 ** 2,
  totalBytes: 96 * 1024 ** 2,
  quarantineBytes: 64 * 1024 ** 3,
  leaseMs: 60_000,
  storePartBytes: 8 * 1024 ** 2,
};

export interface IngestPorts {
  readonly evidence: EvidencePorts;
  readonly pool: IntakePool;
  readonly memory: UploadMemory;
  readonly inFlight: InFlight;
  readonly limits: IngestLimits;
  /** Whether a sync has failed: nothing more is stored until somebody checked the disk and restarted. */
  readonly volume: { failed: boolean };
}
