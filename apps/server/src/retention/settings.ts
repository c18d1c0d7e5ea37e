// What a force's retention is set to, beside its classes.

export interface RetentionSettings {
  /** Nothing falls due sooner after its arrival than this. */
  readonly arrivalDays: number;
  /** How long a warning stands before what is unclassified may be destroyed. */
  readonly warningDays: number;
  /** Backups of the key ring expire within this. */
  readonly ringBackupDays: number;
  /** A proposed change that nobody confirms ends after this. */
  readonly proposalDays: number;
  /** The class whose period counts for what is not classified. */
  readonly defaultClass: string;
}

export const defaultSettings: RetentionSettings = {
  arrivalDays: 7,
  warningDays: 7,
  ringBackupDays: 7,
  proposalDays: 14,
  defaultClass: "non-evidential",
};

export const dayMs = 86_400_000;
