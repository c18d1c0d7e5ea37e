// One thing that somebody does in a schedule.
import type { Machine } from "./machine/machine.ts";

export interface Operation {
  readonly name: string;
  run(): Promise<string>;
  /** Its death ends the operation, as "died". */
  readonly on: Machine | null;
}
