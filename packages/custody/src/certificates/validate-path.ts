// Certificate path validation by RFC 5280 §6, with the library's engine; only the profile's own demands are added.
import * as pkijs from "pkijs";
import { equalBytes } from "../bytes.ts";
import { type ParsedCertificate, parseCertificate, readPkiCertificate } from "./parse.ts";
import type { CertificateRole } from "./profile.ts";

export type PathResult =
  | { readonly kind: "valid"; readonly anchor: ParsedCertificate }
  | {
      readonly kind: "invalid";
      readonly reason: "no-anchors" | "wrong-role" | "not-yet-valid" | "expired" | "no-path";
      readonly message: string;
    };

const MOMENT = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;

/** Whether `leaf` leads to one of `anchors` (DER) at `atMs`, and may act as `role`. */
export async function validatePath(
  leaf: ParsedCertificate,
  anchors: readonly Uint8Array[],
  options: { readonly role: CertificateRole; readonly atMs: number },
): Promise<PathResult> {
  if (anchors.length === 0) {
    return {
      kind: "invalid",
      reason: "no-anchors",
      message: "No anchor was given, so nothing can be trusted.",
    };
  }
  if (leaf.role !== options.role) {
    const message = `The certificate may act as “${leaf.role ?? "nothing"}”, not as “${options.role}”.`;
    return { kind: "invalid", reason: "wrong-role", message };
  }
  if (options.atMs < leaf.notBeforeMs) {
    return {
      kind: "invalid",
      reason: "not-yet-valid",
      message: `The certificate begins at ${MOMENT(leaf.notBeforeMs)}.`,
    };
  }
  if (options.atMs > leaf.notAfterMs) {
    return {
      kind: "invalid",
      reason: "expired",
      message: `The certificate ended at ${MOMENT(leaf.notAfterMs)}.`,
    };
  }
  const engine = new pkijs.CertificateChainValidationEngine({
    trustedCerts: anchors.map(readPkiCertificate),
    certs: [readPkiCertificate(leaf.der)],
    checkDate: new Date(options.atMs),
  });
  const outcome = await engine.verify().catch(() => ({ result: false, certificatePath: undefined }));
  const top = outcome.result ? outcome.certificatePath?.at(-1) : undefined;
  const topDer = top ? new Uint8Array(top.toSchema().toBER()) : null;
  const anchor = topDer ? anchors.find((candidate) => equalBytes(candidate, topDer)) : undefined;
  if (!anchor) {
    return {
      kind: "invalid",
      reason: "no-path",
      message: "The certificate leads to none of the given anchors.",
    };
  }
  return { kind: "valid", anchor: await parseCertificate(anchor) };
}
