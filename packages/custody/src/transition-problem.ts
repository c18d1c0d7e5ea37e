// Why an entry may not stand where it stands: a closed list, always with a sentence for a person.

export type TransitionProblemKind =
  | "before-enrolled"
  | "enrolled-again"
  | "entries-missing"
  | "boot-without-booted"
  | "boot-repeated"
  | "clean-misstated"
  | "clock-backwards"
  | "clock-set-misstated"
  | "not-in-this-state"
  | "recording-still-open"
  | "other-recording"
  | "no-open-recording"
  | "number-out-of-order"
  | "fragment-out-of-order"
  | "sound-while-muted"
  | "seal-without-end"
  | "seal-misstated"
  | "other-dock";

export interface TransitionProblem {
  readonly kind: TransitionProblemKind;
  /** A sentence for a person. */
  readonly message: string;
}
