// The daily run over every force, as a task of the job runner. It is tried again while anything is left unfinished.
import type { ForceId } from "@sworn/contract";
import { forEachForce, type Task } from "../jobs/index.ts";
import type { RetentionPorts } from "./ports.ts";
import { RetentionFault } from "./retention-error.ts";
import { runRetention } from "./run-retention.ts";

/** `forces`: all that the server has. Runs at three in the night, UTC, when docks are quiet. */
export function retentionTask(ports: RetentionPorts, forces: () => Promise<readonly ForceId[]>): Task {
  return {
    name: "retention-run",
    daily: { hour: 3, minute: 0 },
    run: async (_payload, context) =>
      forEachForce(await forces(), context, async (forceId) => {
        const { warned, destroyed, cancelled, failed } = await runRetention(ports, forceId, context.signal);
        context.log.info("retention ran", { forceId, warned, destroyed, cancelled, failed });
        if (failed > 0)
          throw new RetentionFault(
            "destruction-incomplete",
            `${failed.toString()} destructions are not finished.`,
          );
      }),
  };
}
