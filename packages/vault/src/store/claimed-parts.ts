// What a caller claims an object's parts to be, checked before anything is touched.

import { VaultError } from "../errors.ts";
import { areAscending, areSpans, isPartNumber } from "./object-index.ts";
import type { ClaimedPart, StoredPart } from "./object-store.ts";

/** Throws `bad-argument` or `part-too-small` unless the parts can be an object: ascending numbers, and each
 * but the last at least `minPartBytes` long. */
export function requireClaims(claims: readonly ClaimedPart[], minPartBytes: number): void {
  const sound =
    claims.length > 0 &&
    areAscending(claims) &&
    claims.every((claim) => isPartNumber(claim.number) && Number.isSafeInteger(claim.sizeBytes));
  if (!sound) {
    throw new VaultError("bad-argument", "an object is made of one or more parts in ascending order");
  }
  const small = claims.slice(0, -1).find((claim) => claim.sizeBytes < minPartBytes);
  if (small !== undefined) {
    throw new VaultError(
      "part-too-small",
      `part ${String(small.number)} is shorter than ${String(minPartBytes)} bytes and not the last`,
    );
  }
}

/** Whether the claims describe exactly these parts; a claim without a hash is taken by its length. */
export function sameParts(parts: readonly StoredPart[], claims: readonly ClaimedPart[]): boolean {
  return (
    parts.length === claims.length &&
    parts.every((part, index) => {
      const claim = claims[index];
      return (
        claim?.number === part.number &&
        claim.sizeBytes === part.sizeBytes &&
        (claim.sha256 === undefined || claim.sha256 === part.sha256)
      );
    })
  );
}

/** The claim as it can be recorded: a digest of more spans than that is as good as none, and the part is read. */
export function recordable(claim: ClaimedPart): ClaimedPart {
  const { number, sizeBytes, spans } = claim;
  return spans === undefined || areSpans(spans, sizeBytes) ? claim : { number, sizeBytes };
}
