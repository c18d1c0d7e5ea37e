// Puts back into a recording's image what was noted by its hash: the signed manifest with its list of parts, the receipt,
// the certificate of destruction. Guarantees: only bytes with this very hash, whose signature is the force's service's.
import { hash } from "node:crypto";
import type { ForceId, RecordingId } from "@sworn/contract";
import {
  CustodyError,
  parseDestruction,
  parseManifest,
  parseReceipt,
  partFromRow,
  toHex,
  verifySign1,
  type Manifest,
} from "@sworn/custody";
import type { ObjectStore } from "@sworn/vault";
import type { ForceAuthority } from "../authority/index.ts";
import { encodeParts, manifestObjectKey, receiptObjectKey } from "../evidence/index.ts";
import { certificateKeyOf } from "../retention/index.ts";
import type { ChangeRow } from "./change-frame.ts";

const statementMaximumBytes = 64 * 1024 * 1024;

export interface StatementSource {
  readonly store: Pick<ObjectStore, "openObject">;
  readonly authority: Pick<ForceAuthority, "service">;
}

type Statement = "manifest" | "receipt" | "certificate";
const columnOf = {
  manifest: "manifest",
  receipt: "receipt",
  certificate: "destruction_certificate",
} as const;
const parse = { manifest: parseManifest, receipt: parseReceipt, certificate: parseDestruction } as const;

/** `tell` is called for each statement that is not there or not whole; the row is written without it. */
export async function completeImage(
  source: StatementSource,
  forceId: ForceId,
  change: ChangeRow,
  tell: (message: string) => void,
): Promise<ChangeRow> {
  const [id, table, op, image] = change;
  if (table !== "recording" || op === "drop") return change;
  const row = JSON.parse(image) as Record<string, unknown>;
  const recording = String(row["id"]) as RecordingId;
  const added: string[] = [];
  for (const statement of ["manifest", "receipt", "certificate"] as const) {
    const wanted = row[`${statement}_hash`];
    if (typeof wanted !== "string") continue;
    const found = await readStatement(source, keyOf(forceId, recording, statement, wanted), {
      statement,
      wanted,
    });
    if (found === null) {
      tell(`The ${statement} of recording ${recording} is missing from the store, or damaged.`);
      continue;
    }
    added.push(`"${columnOf[statement]}":"\\\\x${toHex(found.bytes)}"`);
    if (found.parts !== null) added.push(`"parts":"\\\\x${toHex(found.parts)}"`);
  }
  if (added.length === 0) return change;
  // Of two members of one name the last one counts in jsonb; the rest of the text stays as it is.
  return [id, table, op, `${image.trimEnd().slice(0, -1)},${added.join(",")}}`];
}

function keyOf(forceId: ForceId, recording: RecordingId, statement: Statement, wanted: string): string {
  if (statement === "manifest") return manifestObjectKey(forceId, recording, Buffer.from(wanted, "hex"));
  return statement === "receipt"
    ? receiptObjectKey(forceId, recording)
    : certificateKeyOf(forceId, recording);
}

async function readStatement(
  source: StatementSource,
  key: string,
  { statement, wanted }: { readonly statement: Statement; readonly wanted: string },
): Promise<{ bytes: Uint8Array; parts: Uint8Array | null } | null> {
  const opened = await source.store.openObject(key);
  if (opened.kind === "absent" || opened.object.sizeBytes > statementMaximumBytes) return null;
  const bytes = await opened.object.read(0, opened.object.sizeBytes);
  if (hash("sha256", bytes, "hex") !== wanted) return null;
  try {
    const { value, sign1 } = parse[statement](bytes);
    if (!(await verifySign1(sign1, source.authority.service.certificate.publicKey))) return null;
    if (statement !== "manifest") return { bytes, parts: null };
    return { bytes, parts: encodeParts((value as Manifest).parts.map(partFromRow)) };
  } catch (error) {
    if (error instanceof CustodyError) return null;
    throw error;
  }
}
