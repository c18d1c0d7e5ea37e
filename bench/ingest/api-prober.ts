// Asks the API again and again over one connection, from a process of its own that does nothing else, and keeps the times.
import { setTimeout as wait } from "node:timers/promises";
import { answerCalls } from "../harness/child.ts";
import { quantile } from "../harness/statistics.ts";
import { Connection, expectStatus } from "./send-bytes.ts";

const EVERY_MS = 20;

let asking: Promise<number[]> | null = null;
let isOver = false;

async function ask(url: string, key: string): Promise<number[]> {
  const connection = await Connection.open(url);
  const timesMs: number[] = [];
  while (!isOver) {
    const startedAtMs = performance.now();
    const answer = await connection.request("GET", "/v1/recordings?limit=20", {
      authorization: `Bearer ${key}`,
    });
    expectStatus(answer, 200);
    timesMs.push(performance.now() - startedAtMs);
    await wait(EVERY_MS);
  }
  connection.close();
  return timesMs;
}

answerCalls({
  start: (given) => {
    const { url, key } = given as { url: string; key: string };
    isOver = false;
    asking = ask(url, key);
    asking.catch(() => undefined);
    return Promise.resolve();
  },
  stop: async () => {
    isOver = true;
    const timesMs = (await asking) ?? [];
    return { apiP50Ms: quantile(timesMs, 0.5), apiP99Ms: quantile(timesMs, 0.99), apiCalls: timesMs.length };
  },
  close: () => {
    isOver = true;
    return Promise.resolve();
  },
});
