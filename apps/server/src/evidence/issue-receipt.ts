// The receipt that frees a camera: signed only when a checkpoint covers the entry, then kept as object and in the row.
// The first one stands for ever: a lost reply is answered with the same bytes.
import type { ForceId, RecordingId } from "@sworn/contract";
import { equalBytes, parseId, parseManifest, parseReceipt, sha256, signReceipt } from "@sworn/custody";
import { withForce } from "../platform/database/database.ts";
import { EvidenceFault } from "./evidence-fault.ts";
import type { EvidencePorts } from "./ports.ts";
import { receiptObjectKey } from "./recording-keys.ts";
import { findRecording, keepReceipt, listUnreceipted } from "./store.ts";

// Signatures are random, so two who sign at one moment sign different bytes: only one may. One process owns the store.
const underWay = new Map<RecordingId, Promise<Uint8Array>>();

/** @throws LedgerFault when no checkpoint can cover the entry: then there is no receipt */
export function issueReceipt(
  ports: EvidencePorts,
  forceId: ForceId,
  recording: RecordingId,
): Promise<Uint8Array> {
  const known = underWay.get(recording);
  if (known !== undefined) return known;
  const issuing = issue(ports, forceId, recording).finally(() => {
    underWay.delete(recording);
  });
  underWay.set(recording, issuing);
  return issuing;
}

async function issue(ports: EvidencePorts, forceId: ForceId, recording: RecordingId): Promise<Uint8Array> {
  const actor = { forceId, personId: null };
  const row = await withForce(ports.database, actor, (tx) => findRecording(tx, recording));
  if (row?.receipt) return row.receipt;
  if (row === undefined || row.manifest === null || row.collected_entry_id === null) {
    throw new EvidenceFault("recording-incomplete", "Only a collected recording has a receipt.");
  }
  const covered = await ports.ledger.covered(forceId, { id: row.collected_entry_id });
  const { value: manifest } = parseManifest(row.manifest);
  const { force, camera, number, identity, verdict, receivedAtMs, parts } = manifest;
  const { service } = await ports.authorities.of(parseId(forceId));
  const signed = await signReceipt(
    {
      force,
      camera,
      recording: manifest.recording,
      number,
      identity,
      parts: parts.length,
      lengthBytes: parts.reduce((sum, [lengthBytes]) => sum + lengthBytes, 0),
      storedBytes: parts.reduce((sum, part) => sum + part[2], 0),
      verdict,
      receivedAtMs,
      manifest: await sha256(row.manifest),
      entry: covered.leaf,
      proof: covered.proof,
    },
    service.signer,
  );
  const stored = await storeReceipt(ports, receiptObjectKey(forceId, recording), signed);
  const kept = await withForce(ports.database, actor, (tx) => keepReceipt(tx, recording, stored));
  if (kept === null) throw new EvidenceFault("recording-incomplete", "The recording's row is gone.");
  return kept;
}

/** An attempt that a crash cut off has stored one already: it stands, if it is for the same manifest. */
async function storeReceipt(ports: EvidencePorts, key: string, signed: Uint8Array): Promise<Uint8Array> {
  const outcome = await ports.store.putObject(key, signed);
  if (outcome.kind !== "conflict") return signed;
  const opened = await ports.store.openObject(key);
  if (opened.kind === "absent") throw new EvidenceFault("object-missing", "The stored receipt vanished.");
  const earlier = new Uint8Array(await opened.object.read(0, opened.object.sizeBytes));
  const same = equalBytes(parseReceipt(earlier).value.manifest, parseReceipt(signed).value.manifest);
  if (!same)
    throw new EvidenceFault(
      "object-altered",
      "Another receipt is stored for this recording. Run sworn fsck.",
    );
  return earlier;
}

/** Gives receipts to what was collected when the server stopped. Gives how many; a fault stops it. */
export async function completeReceipts(ports: EvidencePorts, forceId: ForceId): Promise<number> {
  let completed = 0;
  for (;;) {
    const open = await withForce(ports.database, { forceId, personId: null }, (tx) =>
      listUnreceipted(tx, 100),
    );
    if (open.length === 0) return completed;
    for (const recording of open) {
      await issueReceipt(ports, forceId, recording);
      completed += 1;
    }
  }
}
