// The force's certificate revocation list, signed anew when a certificate was revoked and at least once a day. A list
// that is asked for a thousand times is signed once.
import type { ForceId } from "@sworn/contract";
import { parseId } from "@sworn/custody";
import { withForce } from "../platform/database/database.ts";
import type { DevicePorts } from "./ports.ts";
import { listRevocations, nextListNumber } from "./store.ts";

const RENEW_MS = 86_400_000;

interface IssuedList {
  readonly der: Uint8Array;
  readonly issuedAtMs: number;
  readonly revoked: number;
}

export class RevocationLists {
  readonly #ports: Pick<DevicePorts, "database" | "clock" | "authorities">;
  readonly #issued = new Map<ForceId, IssuedList>();

  constructor(ports: Pick<DevicePorts, "database" | "clock" | "authorities">) {
    this.#ports = ports;
  }

  /** DER. @throws AuthorityError `authority-missing` for a force that is not here */
  async current(forceId: ForceId): Promise<Uint8Array> {
    const { database, clock, authorities } = this.#ports;
    const authority = await authorities.of(parseId(forceId));
    const actor = { forceId, personId: null };
    const nowMs = clock.nowMs();
    const rows = await withForce(database, actor, listRevocations);
    const known = this.#issued.get(forceId);
    // Revocations are never taken back, so their number tells whether there is a new one.
    const isFresh = known?.revoked === rows.length && Math.abs(nowMs - known.issuedAtMs) < RENEW_MS;
    if (known && isFresh) return known.der;
    const number = await withForce(database, actor, (tx) => nextListNumber(tx, forceId));
    const revocations = rows.map(({ serial, revoked_at }) => ({ serial, revokedAtMs: revoked_at.getTime() }));
    const der = await authority.revocationList(revocations, number, nowMs);
    this.#issued.set(forceId, { der, issuedAtMs: nowMs, revoked: rows.length });
    return der;
  }
}
