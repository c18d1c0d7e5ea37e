// Commits of one upload's offset: in order, gathered while a fast upload runs, none after one that failed, none left behind.
import { describe, expect, it } from "vitest";
import { OffsetKeeper } from "../../src/ingest/offset-keeper.ts";
import type { StoredProgress } from "../../src/ingest/intake/intake-job.ts";

const part = (number: number): StoredProgress => ({
  ...{ number, sizeBytes: 10, sha256: "", spans: [] },
  ...{ offsetBytes: number * 10, verified: [], measured: [] },
});

interface Kept {
  readonly keeper: OffsetKeeper;
  /** Numbers of the parts of each transaction. */
  readonly commits: number[][];
  readonly faults: unknown[];
}

function keep(commit: () => Promise<void> = () => Promise.resolve()): Kept {
  const commits: number[][] = [];
  const faults: unknown[] = [];
  const keeper = new OffsetKeeper({
    commit: async (progresses) => {
      commits.push(progresses.map(({ number }) => number));
      await commit();
    },
    failed: (error) => faults.push(error),
  });
  return { keeper, commits, faults };
}

describe("the keeper of an offset", () => {
  it("commits the first part without being asked", async () => {
    const { keeper, commits } = keep();
    keeper.take(part(1));
    await expect.poll(() => commits).toEqual([[1]]);
  });

  it("gathers what comes soon after a commit, in order, and leaves nothing at the end", async () => {
    const { keeper, commits } = keep();
    keeper.take(part(1));
    await keeper.settle();
    for (const number of [2, 3, 4]) keeper.take(part(number));
    expect(commits).toEqual([[1]]);
    await keeper.settle();
    expect(commits).toEqual([[1], [2, 3, 4]]);
    await keeper.settle();
    expect(commits).toHaveLength(2);
  });

  it("commits what was gathered by itself while the upload goes on", async () => {
    const { keeper, commits } = keep();
    keeper.take(part(1));
    await keeper.settle();
    keeper.take(part(2));
    await expect.poll(() => commits, { timeout: 10_000 }).toEqual([[1], [2]]);
  });

  it("commits nothing after a commit that failed: an offset never skips bytes", async () => {
    const { keeper, commits, faults } = keep(() => Promise.reject(new Error("no database")));
    keeper.take(part(1));
    await keeper.settle();
    keeper.take(part(2));
    await keeper.settle();
    expect(commits).toEqual([[1]]);
    expect(faults).toEqual([new Error("no database")]);
  });
});
