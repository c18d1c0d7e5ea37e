// Judges an aim by what was measured. Ratios are taken within each round, between neighbours in time, so that a slow
// moment of the machine weighs on both sides.
import type { Aim, Measures } from "./bench.ts";
import { spreadOf, type Spread } from "./statistics.ts";

export interface Judgement {
  readonly what: string;
  readonly measure: string;
  readonly isRatio: boolean;
  readonly atLeast: number | null;
  readonly atMost: number | null;
  /** Of a ratio: the ratio of the medians. Otherwise the median, or the worst round where the aim says so. */
  readonly reached: number;
  /** Of the rounds' own values. */
  readonly spread: Spread;
  readonly isReached: boolean;
}

export function judge(aim: Aim, measured: Readonly<Record<string, readonly Measures[]>>): Judgement {
  const { what, measure, atLeast = null, atMost = null, over, worst = false } = aim;
  const valuesOf = (name: string): number[] => (measured[name] ?? []).map((row) => row[measure] ?? NaN);
  const own = valuesOf(aim.contestant);
  const other = over === undefined ? null : valuesOf(over);
  const spread = spreadOf(other === null ? own : own.map((value, round) => value / (other[round] ?? NaN)));
  const usual = other === null ? spread.median : spreadOf(own).median / spreadOf(other).median;
  const reached = worst ? (atLeast === null ? spread.most : spread.least) : usual;
  const isReached = (atLeast === null || reached >= atLeast) && (atMost === null || reached <= atMost);
  return { what, measure, isRatio: other !== null, atLeast, atMost, reached, spread, isReached };
}
