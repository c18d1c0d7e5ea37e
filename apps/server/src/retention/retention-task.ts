// The daily run over every force, as a task of the job runner. It is tried again while anything is left unfinished.
import type { ForceId } from "@sworn/contract";
import type { Task } from "../jobs/index.ts";
import type { RetentionPorts } from "./ports.ts";
import { RetentionFault } from "./retention-error.ts";
import { runRetention } from "./run-retention.ts";

/** `forces`: all that the server has. Runs at three in the night, UTC, when docks are quiet. */
export function retentionTask(ports: RetentionPorts, forces: () => Promise<readonly ForceId[]>): Task {
  return {
    name: "retention-run",
    daily: { hour: 3, minute: 0 },
    async run(_payload, context) {
      let failed = 0;
      for (const forceId of await forces()) {
        try {
          const done = await runRetention(ports, forceId, context.signal);
          failed += done.failed;
          const { warned, destroyed, cancelled } = done;
          context.log.info("retention ran", { forceId, warned, destroyed, cancelled, failed: done.failed });
        } catch (error) {
          context.signal.throwIfAborted();
          // One force's trouble is not the others'.
          failed += 1;
          context.log.error("retention could not run for a force", { forceId, error });
        }
      }
      if (failed > 0)
        throw new RetentionFault(
          "destruction-incomplete",
          `${String(failed)} destructions are not finished.`,
        );
    },
  };
}
