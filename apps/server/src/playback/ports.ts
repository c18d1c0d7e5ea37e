// What the use cases of playback are given.
import type { KeyRing, ObjectStore } from "@sworn/vault";
import type { Ledger } from "../ledger/index.ts";
import type { Clock } from "../platform/clock.ts";
import type { Database } from "../platform/database/database.ts";
import type { Log } from "../platform/log.ts";

export interface PlaybackPorts {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly ledger: Pick<Ledger, "stage">;
  readonly ring: Pick<KeyRing, "get">;
  readonly store: Pick<ObjectStore, "openObject" | "putObject" | "delete">;
}
