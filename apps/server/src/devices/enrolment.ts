// What an enrolled device gets from its force: its certificate, and all that it checks everything else against.
import { toBase64url, type Enrolment, type ForceId } from "@sworn/contract";
import { parseId } from "@sworn/custody";
import type { DevicePorts } from "./ports.ts";

/** `certificate`: the device's, DER. */
export async function enrolmentOf(
  ports: DevicePorts,
  forceId: ForceId,
  certificate: Uint8Array,
): Promise<Enrolment> {
  const authority = await ports.authorities.of(parseId(forceId));
  const { statement } = await authority.ingestKeys.current(ports.clock.nowMs());
  return {
    certificate: toBase64url(certificate),
    anchor: toBase64url(authority.anchor.der),
    service: toBase64url(authority.service.certificate.der),
    ingestKey: toBase64url(statement),
    ledgerVerifierKey: await ports.ledger.verifierKey(forceId),
  };
}
