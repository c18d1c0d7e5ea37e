// Whether a receipt frees a recording. Media leaves a camera against nothing else (invariant 1).
import { CustodyError, type Receipt, equalBytes, parseReceipt, sha256 } from "@sworn/custody";
import { type Identity, signedBelowAnchor } from "./identity.ts";
import type { RememberedRecording } from "./store/camera-memory.ts";

export type ReceiptCheck =
  | { readonly kind: "frees"; readonly receipt: Receipt; readonly hash: Uint8Array }
  | {
      readonly kind: "refused";
      readonly why:
        "malformed" | "not-signed-by-the-service" | "other-recording" | "other-content" | "not-sealed";
    };

/** `certificates`: DER, where the service's certificate was renewed since this camera was enrolled. */
export async function checkReceipt(
  bytes: Uint8Array,
  recording: RememberedRecording,
  identity: Identity,
  certificates: readonly Uint8Array[],
): Promise<ReceiptCheck> {
  const refused = (why: Extract<ReceiptCheck, { kind: "refused" }>["why"]): ReceiptCheck => ({
    kind: "refused",
    why,
  });
  if (!recording.seal) return refused("not-sealed");
  let parsed: ReturnType<typeof parseReceipt>;
  try {
    parsed = parseReceipt(bytes);
    const known = [identity.service.der, ...certificates];
    // The receipt's own time: the camera's clock may be dead, and the ledger dates the receipt.
    const options = { role: "service", atMs: parsed.value.receivedAtMs } as const;
    if (!(await signedBelowAnchor(parsed.sign1, known, identity.anchor, options)))
      return refused("not-signed-by-the-service");
  } catch (error) {
    if (error instanceof CustodyError) return refused("malformed");
    throw error;
  }
  const receipt = parsed.value;
  const same =
    equalBytes(receipt.force, identity.force) &&
    receipt.camera !== null &&
    equalBytes(receipt.camera, identity.camera) &&
    equalBytes(receipt.recording, recording.id) &&
    receipt.number === recording.number &&
    receipt.verdict !== "unattested";
  if (!same) return refused("other-recording");
  // An altered or untrusted receipt stands for other bytes than the seal's: a named person has accepted them as such.
  const accepted = receipt.verdict === "altered" || receipt.verdict === "untrusted";
  if (!accepted && !equalBytes(receipt.identity, recording.seal.identity)) return refused("other-content");
  return { kind: "frees", receipt, hash: await sha256(bytes) };
}
