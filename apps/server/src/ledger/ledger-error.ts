// Faults of the ledger. Each refuses the act that wanted an entry (invariant 4): no act without an entry.

export type LedgerFaultCode =
  /** The database knows fewer entries than the published checkpoint signs: it was restored. Run `sworn recover`. */
  | "ledger-behind"
  /** Tiles or checkpoint on disk are not what was signed. */
  | "ledger-damaged"
  | "ledger-entry-too-large"
  | "ledger-entry-unknown"
  | "ledger-stopped";

export class LedgerFault extends Error {
  readonly code: LedgerFaultCode;

  constructor(code: LedgerFaultCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "LedgerFault";
    this.code = code;
  }
}
