// What stands of a recording now: its rule, its holds and the judgement, read in one transaction.
import type { ForceTransaction } from "../platform/database/database.ts";
import { findRule } from "./classes-store.ts";
import type { ClassVersion } from "./derive-rules.ts";
import { holdsCatching, type HoldRecord } from "./holds-store.ts";
import { judgeRecording, type Judgement } from "./judge-recording.ts";
import type { RetentionSettings } from "./settings.ts";
import { factsOf, type Recording } from "./store.ts";

export interface Assessment {
  readonly judgement: Judgement;
  readonly rule: ClassVersion | undefined;
  /** The class whose rule it is: the recording's own, or the default. */
  readonly class: string;
  readonly holds: readonly HoldRecord[];
}

export async function assessRecording(
  tx: ForceTransaction,
  recording: Recording,
  given: { readonly settings: RetentionSettings; readonly nowMs: number },
): Promise<Assessment> {
  const key = recording.class ?? given.settings.defaultClass;
  const rule = recording.received_at === null ? undefined : await findRule(tx, key, recording.received_at);
  const holds = (await holdsCatching(tx, [recording.id])).get(recording.id) ?? [];
  return {
    judgement: judgeRecording(factsOf(recording), rule, holds.length, given),
    rule,
    class: key,
    holds,
  };
}
