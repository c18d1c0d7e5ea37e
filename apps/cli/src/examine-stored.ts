// How far the scrub and the copies in the second store are, as the server's metrics say: they answer this machine only.
import type { Api } from "@sworn/client";
import { ApiProblem, ClientError } from "@sworn/client";
import type { Examined } from "./examine-machine.ts";
import { bytesText } from "./output.ts";

const behindLimitSeconds = 3_600;
const scrubLimitDays = 31;
const daySeconds = 86_400;

export async function examineStored(api: Api): Promise<Examined[]> {
  let page: string;
  try {
    const answer = await api.answer("GET", "/metrics", { signal: AbortSignal.timeout(10_000) });
    page = new TextDecoder().decode(answer.body);
  } catch (error) {
    if (error instanceof ApiProblem || error instanceof ClientError) return [];
    throw error;
  }
  const read = (name: string): number | undefined => {
    const value = new RegExp(`^${name} (\\S+)$`, "m").exec(page)?.[1];
    return value === undefined || Number.isNaN(Number(value)) ? undefined : Number(value);
  };
  return [scrub(read), ...secondStore(read)];
}

type Read = (name: string) => number | undefined;

function scrub(read: Read): Examined {
  const name = "scrub";
  const soFar = `${bytesText(read("sworn_scrub_bytes_total") ?? 0)} read since the start`;
  const endedAt = read("sworn_scrub_completed_seconds");
  if (endedAt === undefined) return { name, verdict: "good", detail: `no whole pass yet, ${soFar}` };
  const days = Math.max(0, Date.now() / 1_000 - endedAt) / daySeconds;
  const damaged = read("sworn_scrub_completed_damaged") ?? 0;
  const objects = (read("sworn_scrub_completed_objects") ?? 0).toLocaleString("en-GB");
  const detail = `last whole pass ${days.toFixed(1)} days ago: ${objects} objects, ${damaged.toString()} damaged; ${soFar}`;
  if (damaged > 0)
    return { name, verdict: "warning", detail, advice: "Look at the findings: sworn finding list." };
  if (days > scrubLimitDays)
    return { name, verdict: "warning", detail, advice: "Raise SWORN_SCRUB_BYTES_PER_SECOND." };
  return { name, verdict: "good", detail };
}

function secondStore(read: Read): Examined[] {
  const name = "second store";
  const waiting = read("sworn_second_store_waiting_objects");
  if (waiting === undefined) return [];
  const bytes = bytesText(read("sworn_second_store_waiting_bytes") ?? 0);
  const behind = read("sworn_second_store_behind_seconds") ?? 0;
  const isWalked = read("sworn_second_store_walked") === 1;
  const walked = isWalked ? "" : "; the stores are still being compared";
  const detail =
    waiting === 0
      ? `nothing waits to be copied${walked}`
      : `${waiting.toString()} objects (${bytes}) wait, the oldest for ${behind.toFixed(0)} s${walked}`;
  if (behind < behindLimitSeconds) return [{ name, verdict: "good", detail }];
  return [
    {
      name,
      verdict: "warning",
      detail,
      advice: "See whether its disk is full, slow or away: the server's log.",
    },
  ];
}
