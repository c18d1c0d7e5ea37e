// The stages of the demo as a person sees them: drawn in place by listr2 on a terminal, else one line for each thing
// that is done. A stage may have lanes, which run several at a time.
import { Listr, type ListrDefaultRendererLogLevels, ListrLogger, ProcessOutput } from "listr2";
import type { Writable } from "node:stream";
import type { World } from "../world.ts";

/** Says what goes on, in one line that takes the place of the last. */
export type Tell = (line: string) => void;

export interface Lane {
  readonly title: string;
  /** Gives what to show once it is done. */
  run(tell: Tell): Promise<string>;
}

export interface Stages {
  /** Runs one thing. */
  run<T>(
    title: string,
    work: (tell: Tell) => Promise<{ readonly done: string; readonly value: T }>,
  ): Promise<T>;
  /** Runs lanes, `atOnce` at a time; the first that fails ends all. */
  lanes(
    title: string,
    lanes: readonly Lane[],
    options: { readonly atOnce: number; readonly done: () => string },
  ): Promise<void>;
}

/** Seconds since `startedMs`, where there are any to speak of. */
function took(startedMs: number): string {
  const seconds = Math.round((performance.now() - startedMs) / 1_000);
  return seconds < 1 ? "" : ` (${seconds.toString()} s)`;
}

export function createStages(world: World): Stages {
  return world.isWatched ? drawnStages() : writtenStages(world.stderr);
}

function drawnStages(): Stages {
  const { stderr } = process;
  const rendererOptions = {
    logger: new ListrLogger<ListrDefaultRendererLogLevels>({
      processOutput: new ProcessOutput(stderr, stderr),
    }),
    collapseSubtasks: true,
    showErrorMessage: false,
  };
  return {
    async run(title, work) {
      const startedMs = performance.now();
      let value: Awaited<ReturnType<typeof work>>["value"] | undefined;
      const tasks = new Listr(
        [
          {
            title,
            task: async (_context, task): Promise<void> => {
              const result = await work((line) => {
                task.output = line;
              });
              value = result.value;
              task.title = `${result.done}${took(startedMs)}`;
            },
          },
        ],
        { rendererOptions },
      );
      await tasks.run();
      return value as Awaited<ReturnType<typeof work>>["value"];
    },
    async lanes(title, lanes, { atOnce, done }) {
      const startedMs = performance.now();
      let left = lanes.length;
      const tasks = new Listr(
        [
          {
            title,
            // The inner list is returned, not run: one renderer draws all of it.
            task: (_context, task) =>
              task.newListr(
                lanes.map((lane) => ({
                  title: lane.title,
                  task: async (_inner, own): Promise<void> => {
                    own.title = await lane.run((line) => {
                      own.title = line;
                    });
                    left -= 1;
                    if (left === 0) task.title = `${done()}${took(startedMs)}`;
                  },
                })),
                { concurrent: atOnce },
              ),
          },
        ],
        { rendererOptions },
      );
      await tasks.run();
    },
  };
}

function writtenStages(stream: Writable): Stages {
  const write = (line: string): void => void stream.write(`${line}\n`);
  return {
    async run(title, work) {
      const startedMs = performance.now();
      write(`… ${title}`);
      const { done, value } = await work(() => undefined);
      write(`✔ ${done}${took(startedMs)}`);
      return value;
    },
    async lanes(title, lanes, { atOnce, done }) {
      const startedMs = performance.now();
      write(`… ${title}`);
      const waiting = [...lanes];
      const work = async (): Promise<void> => {
        for (let lane = waiting.shift(); lane !== undefined; lane = waiting.shift()) {
          write(`  ✔ ${await lane.run(() => undefined)}`);
        }
      };
      await Promise.all(Array.from({ length: Math.min(atOnce, lanes.length) }, work));
      write(`✔ ${done()}${took(startedMs)}`);
    },
  };
}
