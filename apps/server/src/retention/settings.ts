// What a force's retention is set to, beside its classes.

export interface RetentionSettings {
  /** Nothing falls due sooner after its arrival than this. */
  readonly arrivalDays: number;
  /** How long a warning stands before what is unclassified may be destroyed. */
  readonly warningDays: number;
  /** Backups of the key ring expire within this. */
  readonly ringBackupDays: number;
  /**
   * The key that a camera sealed to an ingest key can be opened as long as that key's private half exists: at most this
   * long after the recording arrived (a month of use, the authority's grace, and a day until it is destroyed).
   */
  readonly ingestKeyDays: number;
  /** A proposed change that nobody confirms ends after this. */
  readonly proposalDays: number;
  /** The class whose period counts for what is not classified. */
  readonly defaultClass: string;
}

export const defaultSettings: RetentionSettings = {
  arrivalDays: 7,
  warningDays: 7,
  ringBackupDays: 7,
  ingestKeyDays: 125,
  proposalDays: 14,
  defaultClass: "non-evidential",
};

export const dayMs = 86_400_000;
