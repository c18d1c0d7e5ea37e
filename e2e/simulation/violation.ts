// An invariant that does not hold: what a seed is run to find.

export type Invariant =
  | "1 nothing acknowledged is lost"
  | "2 everything is accounted for"
  | "3 masters never change"
  | "5 destroyed means unreadable"
  | "6 a hold beats a clock"
  | "8 a camera clock is evidence"
  | "9 the ledger only grows"
  | "one copy only"
  | "not before it is due"
  | "fsck is clean"
  | "everything arrives in the end"
  | "nothing gets stuck"
  | "no unexpected fault";

export class Violation extends Error {
  readonly code = "violation";
  readonly invariant: Invariant;

  constructor(invariant: Invariant, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.invariant = invariant;
  }
}
