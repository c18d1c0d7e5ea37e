// PEM (RFC 7468) for certificates and CRLs: strict labels, bounded size.
import { CustodyError } from "../errors.ts";
import type { Bytes } from "../bytes.ts";

const PEM_MAXIMUM_CHARACTERS = 1024 * 1024;

export function encodePem(label: "CERTIFICATE" | "X509 CRL", der: Uint8Array): string {
  let binary = "";
  for (const byte of der) binary += String.fromCharCode(byte);
  const lines = btoa(binary).match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}

/** Every block with `label`, in order; other text is ignored. @throws CustodyError `certificate-malformed` */
export function decodePem(label: "CERTIFICATE" | "X509 CRL", text: string): Bytes[] {
  if (text.length > PEM_MAXIMUM_CHARACTERS) {
    throw new CustodyError(
      "certificate-malformed",
      "The PEM file is larger than 1 MiB: it holds something else.",
    );
  }
  const block = new RegExp(`-----BEGIN ${label}-----([A-Za-z0-9+/=\\s]*)-----END ${label}-----`, "g");
  const found: Bytes[] = [];
  for (const match of text.matchAll(block)) {
    try {
      found.push(
        Uint8Array.from(atob((match[1] ?? "").replaceAll(/\s/g, "")), (character) => character.charCodeAt(0)),
      );
    } catch (cause) {
      throw new CustodyError("certificate-malformed", `A ${label} block is not base64.`, { cause });
    }
  }
  return found;
}
