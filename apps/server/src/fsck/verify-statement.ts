// Whether signed bytes are what they should be: of this kind, whole, and signed by this force's service.
import {
  CustodyError,
  equalBytes,
  parseDestruction,
  parseManifest,
  parseReceipt,
  verifySign1,
  type DestructionCertificate,
  type Manifest,
  type Parsed,
  type Receipt,
} from "@sworn/custody";
import type { ForceAuthority } from "../authority/index.ts";

export interface Statements {
  readonly manifest: Manifest;
  readonly receipt: Receipt;
  readonly certificate: DestructionCertificate;
}

const parsers: { readonly [Name in keyof Statements]: (bytes: Uint8Array) => Parsed<Statements[Name]> } = {
  manifest: parseManifest,
  receipt: parseReceipt,
  certificate: parseDestruction,
};

export type Verified<T> = { readonly value: T } | { readonly fault: string };

/** Without an authority only its form is checked: that this is impossible was told. */
export async function verifyStatement<Name extends keyof Statements>(
  name: Name,
  bytes: Uint8Array,
  authority: ForceAuthority | null,
): Promise<Verified<Statements[Name]>> {
  try {
    const { value, sign1 } = parsers[name](bytes);
    if (authority === null) return { value };
    const { certificate } = authority.service;
    if (!equalBytes(sign1.certificateHash, certificate.hash))
      return { fault: "it is signed under another certificate" };
    if (!(await verifySign1(sign1, certificate.publicKey))) return { fault: "its signature does not fit" };
    return { value };
  } catch (error) {
    if (!(error instanceof CustodyError)) throw error;
    return { fault: error.message };
  }
}
