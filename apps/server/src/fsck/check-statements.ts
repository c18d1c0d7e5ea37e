// Level 4: manifests, receipts and certificates of destruction are signed, and say what the row says; receipts and
// certificates prove their entry, which is the row's.
import { encodeCbor, equalBytes, formatId, masterIdentity, partFromRow, type Manifest } from "@sworn/custody";
import { digestLeaf, verifyTlogProof, type CheckpointPolicy } from "@sworn/ledger";
import { ledgerOrigin } from "../authority/index.ts";
import { logVerifier } from "./check-authority.ts";
import { hash } from "./digest.ts";
import { entriesById } from "./ledger-store.ts";
import type { ForceCheck } from "./ports.ts";
import { eachRecording, type StoredRecording } from "./store.ts";
import { rowOf } from "./subjects.ts";
import { verifyStatement, type Statements } from "./verify-statement.ts";

export async function checkStatements(check: ForceCheck): Promise<void> {
  if (check.authority === null) return;
  const policy = {
    origin: ledgerOrigin(check.force),
    logKeys: [await logVerifier(check.authority, check.force)],
  };
  for await (const row of eachRecording(check.query)) {
    if (row.state === "expected") continue;
    check.looked("recordings");
    const manifest = await verified(check, row, "manifest", row.manifest);
    if (manifest !== null) await compareManifest(check, row, manifest);
    await checkReceipt(check, row, policy);
    await checkCertificate(check, row, policy);
  }
}

async function verified<Name extends keyof Statements>(
  check: ForceCheck,
  row: StoredRecording,
  name: Name,
  bytes: Uint8Array | null,
): Promise<Statements[Name] | null> {
  if (bytes === null) return null;
  check.looked("statements");
  const outcome = await verifyStatement(name, bytes, check.authority);
  if ("value" in outcome) return outcome.value;
  const subject = rowOf("recording", row.id, { recording: row.id });
  check.tell({
    kind: "statement-altered",
    subject,
    message: `The ${name} in the row of recording ${row.id}: ${outcome.fault}`,
  });
  return null;
}

type Field = readonly [
  name: string,
  said: Uint8Array | string | number | null,
  row: Uint8Array | string | number | null,
];

const isSame = (a: Field[1], b: Field[2]): boolean =>
  a instanceof Uint8Array && b instanceof Uint8Array ? equalBytes(a, b) : a === b;

function tellDifferences(
  check: ForceCheck,
  row: StoredRecording,
  name: string,
  fields: readonly Field[],
): void {
  const differing = fields.filter(([, said, stored]) => !isSame(said, stored)).map(([field]) => field);
  if (differing.length === 0) return;
  const message = `The row of recording ${row.id} differs from its signed ${name} in: ${differing.join(", ")}.`;
  check.tell({ kind: "row-altered", subject: rowOf("recording", row.id, { recording: row.id }), message });
}

const text = (id: Uint8Array | null): string | null => (id === null ? null : formatId(id));

function subjectFields(row: StoredRecording, said: Statements[keyof Statements]): Field[] {
  return [
    ["force", formatId(said.force), row.force_id],
    ["camera", text(said.camera), row.camera_id],
    ["recording", formatId(said.recording), row.id],
    ["number", said.number, row.number],
    ["identity", said.identity, row.identity],
  ];
}

async function compareManifest(check: ForceCheck, row: StoredRecording, manifest: Manifest): Promise<void> {
  const parts = manifest.parts.map(partFromRow);
  if (!equalBytes(await masterIdentity(parts), manifest.identity)) {
    const message = `The manifest of recording ${row.id} lists parts that do not make its identity.`;
    check.tell({
      kind: "statement-altered",
      subject: rowOf("recording", row.id, { recording: row.id }),
      message,
    });
  }
  tellDifferences(check, row, "manifest", [
    ...subjectFields(row, manifest),
    ["format", manifest.format, row.format],
    ["verdict", manifest.verdict, row.verdict],
    ["object", manifest.object, row.object_key],
    ["seal", manifest.seal, row.seal_hash],
    ["received", manifest.receivedAtMs, row.received_at?.getTime() ?? null],
    ["parts", encodeCbor(manifest.parts), row.parts],
    ["number of parts", parts.length, row.part_count],
    ["length", parts.reduce((sum, part) => sum + part.lengthBytes, 0), row.length_bytes],
    ["stored length", parts.reduce((sum, part) => sum + part.storedBytes, 0), row.stored_bytes],
  ]);
}

async function checkReceipt(
  check: ForceCheck,
  row: StoredRecording,
  policy: CheckpointPolicy,
): Promise<void> {
  const receipt = await verified(check, row, "receipt", row.receipt);
  if (receipt === null) return;
  tellDifferences(check, row, "receipt", [
    ...subjectFields(row, receipt),
    ["manifest", receipt.manifest, row.manifest === null ? null : hash(row.manifest)],
    ["verdict", receipt.verdict, row.verdict],
    ["number of parts", receipt.parts, row.part_count],
    ["length", receipt.lengthBytes, row.length_bytes],
    ["stored length", receipt.storedBytes, row.stored_bytes],
    ["received", receipt.receivedAtMs, row.received_at?.getTime() ?? null],
  ]);
  await checkProof(check, row, { name: "receipt", entryId: row.collected_entry_id, ...receipt }, policy);
}

async function checkCertificate(
  check: ForceCheck,
  row: StoredRecording,
  policy: CheckpointPolicy,
): Promise<void> {
  const certificate = await verified(check, row, "certificate", row.destruction_certificate);
  if (certificate === null) return;
  tellDifferences(check, row, "certificate of destruction", [
    ...subjectFields(row, certificate),
    ["time of the order", certificate.orderedAtMs, row.destroy_ordered_at?.getTime() ?? null],
  ]);
  await checkProof(
    check,
    row,
    { name: "certificate of destruction", entryId: row.destroy_entry_id, ...certificate },
    policy,
  );
}

async function checkProof(
  check: ForceCheck,
  row: StoredRecording,
  given: {
    readonly name: string;
    readonly entryId: number | null;
    readonly entry: Uint8Array;
    readonly proof: string;
  },
  policy: CheckpointPolicy,
): Promise<void> {
  const proof = await verifyTlogProof(given.proof, await digestLeaf(given.entry), policy);
  const subject = rowOf("recording", row.id, { recording: row.id });
  if (!proof.ok) {
    const message = `The ${given.name} of recording ${row.id} does not prove its entry in the log: ${proof.message}.`;
    check.tell({ kind: "statement-altered", subject, message });
    return;
  }
  const { entryId } = given;
  const entry =
    entryId === null ? undefined : (await check.query((tx) => entriesById(tx, [entryId]))).get(entryId);
  if (entry?.index === proof.index && equalBytes(entry.leaf, given.entry)) return;
  const message = `The ${given.name} of recording ${row.id} proves entry ${proof.index.toString()} of the log, and its row names another.`;
  check.tell({ kind: "row-altered", subject, message });
}
