// Puts ingest together: ports, the queue that finishes uploads, its tasks.
import { startThreadPool } from "./intake/thread-pool.ts";
import type { IntakePool } from "./intake/intake-pool.ts";
import type { EvidencePorts } from "../evidence/index.ts";
import type { Task } from "../jobs/index.ts";
import { FinishQueue } from "./finish-queue.ts";
import { InFlight } from "./in-flight.ts";
import { DEFAULT_INGEST_LIMITS, type IngestLimits, type IngestPorts } from "./ports.ts";
import { resumeIngest } from "./resume-ingest.ts";
import { UploadMemory } from "./upload-memory.ts";

export interface Ingest {
  readonly ports: IngestPorts;
  readonly queue: FinishQueue;
  /** Takes up what a crash left; once, at the start of the server that owns the data folder. */
  resume(): Promise<void>;
  /** False once a sync failed: for the readiness check. */
  isHealthy(): boolean;
  readonly tasks: readonly Task[];
  /** Waits for what is under way, and ends the threads. Close the HTTP server first. */
  stop(): Promise<void>;
}

export function openIngest(given: {
  readonly evidence: EvidencePorts;
  /** The object store's folder, which the threads open for themselves. */
  readonly storeRoot: string;
  readonly limits?: Partial<IngestLimits>;
  readonly threads?: number;
  /** In place of threads, for tests. */
  readonly pool?: IntakePool;
}): Ingest {
  const limits = { ...DEFAULT_INGEST_LIMITS, ...given.limits };
  const { storeRoot, threads } = given;
  const pool = given.pool ?? startThreadPool({ storeRoot, ...(threads === undefined ? {} : { threads }) });
  const ports: IngestPorts = {
    evidence: given.evidence,
    pool,
    memory: new UploadMemory(),
    inFlight: new InFlight(limits.totalBytes),
    limits,
    volume: { failed: false },
  };
  const queue = new FinishQueue(ports);
  return {
    ports,
    queue,
    resume: () => resumeIngest(ports, queue, { atStart: true }),
    isHealthy: () => !ports.volume.failed,
    tasks: [
      {
        name: "resume-ingest",
        daily: { hour: 3, minute: 10 },
        run: () => resumeIngest(ports, queue, { atStart: false }),
      },
    ],
    async stop() {
      await queue.settled();
      await pool.close();
    },
  };
}
