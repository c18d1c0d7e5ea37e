// What is asked of the ledger and of its peer alike.

export interface AppendSettings {
  readonly entries: number;
  /** Entries of one transaction. */
  readonly entriesPerAct: number;
  /** Transactions side by side, at most: the server's pool has 20 connections. */
  readonly atOnce: number;
}

export function appendLoad(
  { entries, entriesPerAct }: AppendSettings,
  quick: boolean,
): Pick<AppendSettings, "entries" | "entriesPerAct"> {
  return quick ? { entries: 100, entriesPerAct: Math.min(entriesPerAct, 50) } : { entries, entriesPerAct };
}
