// Whether a server answers, is ready, and has the same time as this machine.
import type { Api } from "@sworn/client";
import { ApiProblem, ClientError } from "@sworn/client";
import type { Examined } from "./examine-machine.ts";

const clockLimitMs = 2_000;

export async function examineServer(api: Api): Promise<Examined[]> {
  try {
    const beforeMs = Date.now();
    const answer = await api.answer("GET", "/readyz", { signal: AbortSignal.timeout(10_000) });
    const ready: Examined = { name: "server", verdict: "good", detail: `${api.server} is ready` };
    const said = Date.parse(answer.header("date") ?? "");
    if (Number.isNaN(said)) return [ready];
    // The Date header is whole seconds: half a second is added, and half tolerated.
    const offMs = Math.max(0, Math.abs(said + 500 - (beforeMs + Date.now()) / 2) - 500);
    const isOff = offMs > clockLimitMs;
    const detail = isOff
      ? `the server's clock is ${Math.round(offMs / 1_000).toString()} s off this machine's`
      : "the same as the server's";
    return [
      ready,
      {
        name: "clock",
        verdict: isOff ? "bad" : "good",
        detail,
        ...(isOff ? { advice: "Synchronize both by NTP." } : {}),
      },
    ];
  } catch (error) {
    if (error instanceof ApiProblem) {
      return [{ name: "server", verdict: "bad", detail: error.message, advice: "Look at the server's log." }];
    }
    if (!(error instanceof ClientError)) throw error;
    return [
      {
        name: "server",
        verdict: "warning",
        detail: `none answers at ${api.server}`,
        advice: "Start it with: npm start",
      },
    ];
  }
}
