// Work for every force in one run of a task: one force's trouble is not the others'.
import type { ForceId } from "@sworn/contract";
import type { TaskContext } from "./task.ts";

/** After the last force, throws the first trouble that there was, so that the runner tries again later. */
export async function forEachForce(
  forces: readonly ForceId[],
  { log, signal }: Pick<TaskContext, "log" | "signal">,
  work: (forceId: ForceId) => Promise<void>,
): Promise<void> {
  const troubles: unknown[] = [];
  for (const forceId of forces) {
    try {
      await work(forceId);
    } catch (error) {
      signal.throwIfAborted();
      troubles.push(error);
      log.error("a task could not be done for a force", { forceId, error });
    }
  }
  if (troubles.length > 0) throw troubles[0];
}
