// Level 4: manifests and receipts are the service's own, agree with each other and the row, and the ledger holds the
// entry that they rest on.
import {
  CustodyError,
  equalBytes,
  parseDestruction,
  parseId,
  parseManifest,
  parseReceipt,
  readPrivateEntry,
  sha256,
  verifySign1,
  type Opening,
} from "@sworn/custody";
import { digestLeaf, parseVerifierKey, verifyTlogProof } from "@sworn/ledger";
import { ledgerOrigin } from "../../authority/index.ts";
import { LedgerFault, listRecordingEntries } from "../../ledger/index.ts";
import type { RecordingRow } from "../store.ts";
import { eachRecording, read, type ForceCheck } from "./ports.ts";
import type { FsckProblemKind } from "./problem.ts";

export async function checkStatements(check: ForceCheck): Promise<void> {
  for await (const row of eachRecording(check)) {
    const tell = (kind: FsckProblemKind, detail: string): void => {
      check.tell({
        kind,
        level: check.level,
        forceId: check.forceId,
        recording: row.id,
        subject: row.id,
        detail,
      });
    };
    try {
      await checkRow(check, row, tell);
    } catch (error) {
      if (!(error instanceof CustodyError)) throw error;
      tell("statement-altered", error.message);
    }
    check.looked();
  }
}

type TellOf = (kind: FsckProblemKind, detail: string) => void;

async function checkRow(check: ForceCheck, row: RecordingRow, tell: TellOf): Promise<void> {
  const { service } = await check.ports.authorities.of(parseId(check.forceId));
  const { publicKey } = service.certificate;
  if (row.manifest === null || row.identity === null) {
    tell("row-damaged", "The row has no manifest or no identity.");
    return;
  }
  const { value: manifest, sign1 } = parseManifest(row.manifest);
  if (!(await verifySign1(sign1, publicKey)))
    tell("statement-altered", "The manifest is not signed by the service.");
  const isOwn =
    equalBytes(manifest.recording, parseId(row.id)) && equalBytes(manifest.identity, row.identity);
  if (!isOwn || manifest.verdict !== row.verdict || manifest.object !== row.object_key) {
    tell("statement-altered", "The manifest and the row do not say the same.");
  }
  const manifestHash = await sha256(row.manifest);
  await checkEntry(check, row, manifestHash, tell);
  if (row.receipt !== null) await checkReceipt(check, row.receipt, manifestHash, tell);
  if (row.destruction_certificate !== null) {
    const { value, sign1: signed } = parseDestruction(row.destruction_certificate);
    const isTrue = (await verifySign1(signed, publicKey)) && equalBytes(value.identity, row.identity);
    if (!isTrue)
      tell("statement-altered", "The certificate of destruction is not the service's, or another's.");
  }
}

async function checkReceipt(
  check: ForceCheck,
  bytes: Uint8Array,
  manifestHash: Uint8Array,
  tell: TellOf,
): Promise<void> {
  const force = parseId(check.forceId);
  const { service } = await check.ports.authorities.of(force);
  const { value: receipt, sign1 } = parseReceipt(bytes);
  if (!(await verifySign1(sign1, service.certificate.publicKey))) {
    tell("statement-altered", "The receipt is not signed by the service.");
  }
  if (!equalBytes(receipt.manifest, manifestHash))
    tell("statement-altered", "The receipt is for another manifest.");
  const key = await parseVerifierKey(await check.ports.ledger.verifierKey(check.forceId));
  if (!key.ok) return;
  const policy = { origin: ledgerOrigin(force), logKeys: [key.value] };
  const verdict = await verifyTlogProof(receipt.proof, await digestLeaf(receipt.entry), policy);
  if (!verdict.ok) tell("statement-altered", `The receipt's proof does not hold: ${verdict.message}`);
}

async function checkEntry(
  check: ForceCheck,
  row: RecordingRow,
  manifestHash: Uint8Array,
  tell: TellOf,
): Promise<void> {
  const entries = await read(check, (tx) => listRecordingEntries(tx, row.id, 5_000));
  const collected = entries.find(({ id }) => id === row.collected_entry_id);
  if (collected?.event !== "recording-collected") {
    tell("entry-missing", "The ledger has no entry of its collection.");
    return;
  }
  const opening = await openEntry(check, collected);
  if (opening === null) return;
  const { data } = readPrivateEntry(opening.details);
  const isSame = data["manifest"] instanceof Uint8Array && equalBytes(data["manifest"], manifestHash);
  if (!isSame) tell("entry-differs", "The ledger's entry names another manifest.");
}

/** Null: shredded at the end of its period. */
async function openEntry(
  check: ForceCheck,
  row: Parameters<typeof check.ports.ledger.open>[1],
): Promise<Opening | null> {
  try {
    return await check.ports.ledger.open(check.forceId, row);
  } catch (error) {
    if (error instanceof LedgerFault && error.code === "ledger-entry-unknown") return null;
    throw error;
  }
}
