// What a recovery is given, and what it counts while it runs.
import type { ForceId } from "@sworn/contract";
import type { KeyRing, ObjectStore } from "@sworn/vault";
import type { Authorities, ForceAuthority } from "../authority/index.ts";
import type { OpeningKeys } from "../ledger/index.ts";
import type { Database } from "../platform/database/database.ts";
import type { ReplayStore } from "./replay-store.ts";

export interface RecoverProgress {
  readonly forceId: ForceId;
  readonly what: "ledger entries" | "changes";
  readonly done: number;
  readonly total: number;
}

export interface RecoverPorts {
  readonly ledgerFolder: string;
  readonly keys: Pick<KeyRing, "get">;
  readonly store: Pick<ObjectStore, "openObject">;
  readonly authorities: Pick<Authorities, "of">;
  /** Both null in a dry run over a database that is not there. */
  readonly database: Database | null;
  readonly rows: ReplayStore | null;
  readonly isDryRun: boolean;
  readonly nowMs: number;
  readonly onProgress?: ((progress: RecoverProgress) => void) | undefined;
}

/** One force's recovery while it runs. */
export interface Replaying {
  readonly ports: RecoverPorts;
  readonly forceId: ForceId;
  readonly authority: ForceAuthority;
  readonly openings: OpeningKeys;
  readonly tally: {
    entries: number;
    uploadsDropped: number;
    readonly rows: Record<string, number>;
    readonly problems: string[];
  };
}
