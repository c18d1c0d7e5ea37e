// Reads every file of an export into what it claims to be. Nothing is verified here; what cannot be read says why.
import {
  CustodyError,
  type Manifest,
  type ParsedCertificate,
  type Receipt,
  type DestructionCertificate,
  type Opening,
  type Parsed,
  decodeOpening,
  decodePem,
  encodePem,
  hasOneEncoding,
  parseCertificate,
  parseDestruction,
  parseManifest,
  parseReceipt,
} from "@sworn/custody";
import type { EvidenceFolder, FileInput } from "./evidence-folder.ts";

/** A file as read. `bytes` is what was read, also where it could not be understood. */
export type Loaded<T> =
  | { readonly kind: "ok"; readonly value: T; readonly bytes: Uint8Array }
  | { readonly kind: "absent" }
  | { readonly kind: "bad"; readonly reason: string };

export interface Certificates {
  readonly camera: Loaded<ParsedCertificate>;
  readonly service: Loaded<ParsedCertificate>;
  readonly ledger: Loaded<ParsedCertificate>;
}

export interface Evidence {
  readonly certificates: Certificates;
  readonly revocationList: Loaded<Uint8Array>;
  readonly manifest: Loaded<Parsed<Manifest>>;
  readonly receipt: Loaded<Parsed<Receipt>>;
  readonly collected: Loaded<Opening>;
  readonly journal: Loaded<Uint8Array>;
  readonly openings: Loaded<Uint8Array>;
  readonly destruction: Loaded<Parsed<DestructionCertificate>>;
}

const KIB = 1024;
const MIB = 1024 * KIB;
/** A day of fragments of two seconds, at the most bytes an entry or a row may have, fits each. */
const LIMITS = {
  certificate: 64 * KIB,
  revocationList: 8 * MIB,
  statement: 256 * KIB,
  manifest: 16 * MIB,
  journal: 256 * MIB,
} as const;

/** What `read` gives, or its reason if the bytes are not of the format. */
export async function attempt<T>(
  read: () => T | Promise<T>,
): Promise<{ kind: "ok"; value: T } | { kind: "bad"; reason: string }> {
  try {
    return { kind: "ok", value: await read() };
  } catch (error) {
    if (!(error instanceof CustodyError)) throw error;
    return { kind: "bad", reason: error.message };
  }
}

async function understand<T>(
  input: FileInput,
  read: (bytes: Uint8Array) => T | Promise<T>,
): Promise<Loaded<T>> {
  if (input.kind === "absent") return input;
  if (input.kind === "refused") return { kind: "bad", reason: input.reason };
  const understood = await attempt(() => read(input.bytes));
  return understood.kind === "ok" ? { ...understood, bytes: input.bytes } : understood;
}

/** Exactly one block and nothing around it, so that each certificate has one file; line ends may be either kind. */
function readPemFile(label: "CERTIFICATE" | "X509 CRL", bytes: Uint8Array): Uint8Array {
  const text = new TextDecoder().decode(bytes).replaceAll("\r\n", "\n");
  const [der, second] = decodePem(label, text);
  if (!der || second || encodePem(label, der) !== text) {
    throw new CustodyError(
      "certificate-malformed",
      `The file is not one ${label} block in PEM: it was changed.`,
    );
  }
  return der;
}

function requireOneEncoding(der: Uint8Array, what: string): Uint8Array {
  if (hasOneEncoding(der)) return der;
  throw new CustodyError(
    "certificate-malformed",
    `${what} is not in DER under ECDSA with SHA-256: it was changed.`,
  );
}

/** RFC 5280 lists are DER; PEM is taken as well, as the name of the file leaves it open. */
function readCrlFile(bytes: Uint8Array): Uint8Array {
  const der = bytes[0] === 0x2d ? readPemFile("X509 CRL", bytes) : bytes;
  return requireOneEncoding(der, "The list of revoked certificates");
}

export async function loadEvidence(folder: EvidenceFolder): Promise<Evidence> {
  const certificate = async (name: string): Promise<Loaded<ParsedCertificate>> =>
    understand(await folder.read(`certificates/${name}.pem`, LIMITS.certificate), (bytes) =>
      parseCertificate(requireOneEncoding(readPemFile("CERTIFICATE", bytes), "The certificate")),
    );
  const same = (bytes: Uint8Array): Uint8Array => bytes;
  const { statement, manifest, journal, revocationList } = LIMITS;
  return {
    certificates: {
      camera: await certificate("camera"),
      service: await certificate("service"),
      ledger: await certificate("ledger"),
    },
    revocationList: await understand(
      await folder.read("certificates/revoked.crl", revocationList),
      readCrlFile,
    ),
    manifest: await understand(await folder.read("manifest.cose", manifest), parseManifest),
    receipt: await understand(await folder.read("receipt.cose", statement), parseReceipt),
    collected: await understand(await folder.read("collected.cbor", statement), decodeOpening),
    journal: await understand(await folder.read("journal.cbor", journal), same),
    openings: await understand(await folder.read("openings.cbor", journal), same),
    destruction: await understand(await folder.read("destruction.cose", statement), parseDestruction),
  };
}

/** The names that the format gives to an export's files; `recording.<ext>` is found by its beginning. */
export const EXPORT_FILES: ReadonlySet<string> = new Set([
  "journal.cbor",
  "openings.cbor",
  "manifest.cose",
  "receipt.cose",
  "collected.cbor",
  "certificates",
  "destruction.cose",
  "README.txt",
]);
