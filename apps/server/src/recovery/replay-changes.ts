// Writes the rows of the change log again, a step at a time: in the order in which the transactions that wrote them came.
// Guarantees: a step's rows, its staged entries and how far it came are one transaction; a base begins from no rows at all.
import type { ChangeHead } from "./changes-store.ts";
import { idsOf, type ChangeFrame, type ChangeRow } from "./change-frame.ts";
import { completeImage } from "./complete-image.ts";
import { entryOf } from "./read-entries.ts";
import { readSteps, type OpenedLog, type Step } from "./read-log.ts";
import type { Replaying } from "./recover-ports.ts";
import type { ReplayedEntry, ReplayStore } from "./replay-store.ts";

/** Steps of one transaction: small ones share it. */
const stepsAtOnce = 64;
const rowsAtOnce = 5_000;

export async function replayChanges(
  replaying: Replaying,
  log: OpenedLog,
  head: ChangeHead | null,
): Promise<"replayed" | "rebuilt"> {
  const { rows } = replaying.ports;
  const { epoch } = log.file;
  const isSameFile = head?.epoch === epoch;
  const from = isSameFile ? head.frame : 0;
  const covered = new Set<number>();
  let isFirst = true;
  for await (const steps of together(readSteps(log, from))) {
    for (const frame of steps.flatMap(({ frames }) => frames)) for (const id of frame.covers) covered.add(id);
    const changes = await changesOf(replaying, steps);
    count(replaying, changes);
    const frame = steps.at(-1)?.frame ?? from;
    if (rows !== null && !replaying.ports.isDryRun) {
      await rows.inStep(async () => {
        if (isFirst && !isSameFile) await rows.wipe(replaying.forceId);
        if (isFirst && isSameFile) {
          replaying.tally.uploadsDropped += await rows.dropUnfinished(replaying.forceId);
        }
        await writeStep(replaying, rows, { steps, changes });
        await rows.putHead(replaying.forceId, { epoch, frame });
      });
    }
    isFirst = false;
    progress(replaying, frame, log.file.frames);
  }
  return isSameFile ? "replayed" : "rebuilt";
}

async function writeStep(
  replaying: Replaying,
  rows: ReplayStore,
  { steps, changes }: { readonly steps: readonly Step[]; readonly changes: readonly ChangeRow[] },
): Promise<void> {
  const { forceId, tally } = replaying;
  const unknown = await rows.write(changes);
  for (const table of unknown)
    tally.problems.push(`This version has no table ${table}; its rows were left out.`);
  const frames = steps.flatMap((step) => step.frames);
  const highest = frames.flatMap(idsOf).reduce((most, id) => Math.max(most, id), 0);
  await rows.dropNoted(forceId, highest);
  await rows.putEntries(forceId, await stagedIn(replaying, frames));
}

/** Entries that were not published when their acts' rows were given away, each once. */
async function stagedIn(replaying: Replaying, frames: readonly ChangeFrame[]): Promise<ReplayedEntry[]> {
  const entries = new Map(frames.flatMap((frame) => frame.entries.map((entry) => [entry[0], entry])));
  const replayed: ReplayedEntry[] = [];
  for (const entry of entries.values()) replayed.push(await entryOf(replaying, entry, null));
  return replayed;
}

async function changesOf(replaying: Replaying, steps: readonly Step[]): Promise<ChangeRow[]> {
  const { ports, forceId, authority, tally } = replaying;
  const source = { store: ports.store, authority };
  const tell = (problem: string): void => {
    if (!tally.problems.includes(problem)) tally.problems.push(problem);
  };
  const changes = steps.flatMap(({ frames }) => frames.flatMap((frame) => frame.changes));
  // Only the last image of a recording in these steps is completed: those before it are written over at once.
  const last = new Map<string, number>();
  for (const [at, [, table, , image]] of changes.entries()) {
    if (table === "recording") last.set(idOf(image), at);
  }
  const completed: ChangeRow[] = [];
  for (const [at, change] of changes.entries()) {
    const isLast = change[1] === "recording" && last.get(idOf(change[3])) === at;
    completed.push(isLast ? await completeImage(source, forceId, change, tell) : change);
  }
  return completed;
}

const idOf = (image: string): string => String((JSON.parse(image) as { id?: unknown }).id);

function count({ tally }: Replaying, changes: readonly ChangeRow[]): void {
  for (const [, table] of changes) tally.rows[table] = (tally.rows[table] ?? 0) + 1;
}

function progress({ ports, forceId }: Replaying, done: number, total: number): void {
  ports.onProgress?.({ forceId, what: "changes", done, total });
}

async function* together(steps: AsyncIterable<Step>): AsyncGenerator<Step[], void, undefined> {
  let group: Step[] = [];
  let size = 0;
  for await (const step of steps) {
    group.push(step);
    size += step.frames.reduce((sum, { changes }) => sum + changes.length, 0);
    if (group.length < stepsAtOnce && size < rowsAtOnce) continue;
    yield group;
    group = [];
    size = 0;
  }
  if (group.length > 0) yield group;
}
