// What a bench is: contestants that do the same work in processes of their own, and what is to come of it.
// A file `bench/**/NAME.bench.ts` exports `bench: Bench`; nothing else needs to know of it.

/** Numbers by name. The name's ending says the unit: Seconds, Ms, Bytes, BytesPerSecond, PerSecond. */
export type Measures = Readonly<Record<string, number>>;

/** What a bench tells its contestants: must survive structured cloning. */
export type Settings = Readonly<Record<string, unknown>>;

export interface Contestant {
  readonly name: string;
  /** A module that exports `open: OpenContestant`. It is imported in the contestant's own process. */
  readonly module: URL;
  readonly settings?: Settings;
}

/** One thing to be reached: a measure of a contestant, or its ratio to the same measure of another. */
export interface Aim {
  readonly what: string;
  readonly contestant: string;
  readonly measure: string;
  /** The contestant it is divided by. */
  readonly over?: string;
  readonly atLeast?: number;
  readonly atMost?: number;
  /** Judged by the worst round, not by the median: for maxima and peaks. */
  readonly worst?: boolean;
}

export interface Bench {
  readonly name: string;
  /** One sentence: what is done, and how much of it in a round. */
  readonly about: string;
  /** `memory` is a tmpfs, `disk` the machine's temporary folder. */
  readonly place: "memory" | "disk";
  /** Programs that must be on the machine, by their Debian package. */
  readonly needs?: readonly "nginx"[];
  readonly contestants: readonly Contestant[];
  readonly aims: readonly Aim[];
  /** Measures to be shown for every contestant, in this order. */
  readonly shows: readonly string[];
  /** Where ten rounds are more than the question needs. */
  readonly rounds?: number;
}

export interface ContestantGiven {
  /** Its own empty folder, removed afterwards. */
  readonly folder: string;
  /** A shortened run that asks only whether it works. */
  readonly quick: boolean;
  readonly settings: Settings;
}

/** A contestant ready for its rounds. */
export interface Running {
  /** Before each round, not measured. */
  before?(): Promise<void>;
  /**
   * Measured: the harness adds `wallSeconds`, `cpuSeconds` and `peakMemoryBytes`, and rates where `bytes` or
   * `operations` are given. What is returned here wins over what the harness measured.
   */
  round(): Promise<Measures>;
  /** After each round, not measured. */
  after?(): Promise<void>;
  close(): Promise<void>;
  /** Other processes that are part of it: their CPU time and memory, and their children's, count. */
  processes?(): readonly number[];
}

export type OpenContestant = (given: ContestantGiven) => Promise<Running>;

/** Which programs are at hand is asked for before anything starts; all else that goes wrong is this. */
export class BenchError extends Error {
  readonly code: "bad-arguments" | "contestant-failed" | "child-gone" | "missing-program";

  constructor(code: BenchError["code"], message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "BenchError";
    this.code = code;
  }
}
