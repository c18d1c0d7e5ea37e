// What the use cases of devices are given.
import type { Authorities } from "../authority/index.ts";
import type { Ledger } from "../ledger/index.ts";
import type { Clock } from "../platform/clock.ts";
import type { Database } from "../platform/database/database.ts";

export interface DevicePorts {
  readonly database: Database;
  readonly clock: Clock;
  readonly authorities: Authorities;
  readonly ledger: Pick<Ledger, "stage" | "verifierKey">;
}
