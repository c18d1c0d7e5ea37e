// Level 2: every signed statement lies in the row and as an object, the same in both; the one that is not signed any more
// is named. And every other object is what was stored: journal segments, working copies, what is kept apart.
import { equalBytes } from "@sworn/custody";
import { VaultError } from "@sworn/vault";
import { journalSegmentKey } from "../docking/index.ts";
import { manifestObjectKey, receiptObjectKey } from "../evidence/index.ts";
import { certificateKeyOf } from "../retention/index.ts";
import { hash } from "./digest.ts";
import { createHash } from "node:crypto";
import type { ForceCheck } from "./ports.ts";
import { readObject, tellFault, tellIndex } from "./read-object.ts";
import {
  eachDerivative,
  eachKeptApart,
  eachRecording,
  eachSegment,
  listCameras,
  type StoredRecording,
} from "./store.ts";
import { objectOf, rowOf } from "./subjects.ts";
import { verifyStatement, type Statements } from "./verify-statement.ts";

export async function checkCopies(check: ForceCheck): Promise<void> {
  for await (const row of eachRecording(check.query)) {
    if (row.state === "expected") continue;
    const { forceId } = check;
    if (row.manifest !== null) {
      await compare(check, row, {
        name: "manifest",
        bytes: row.manifest,
        key: manifestObjectKey(forceId, row.id, hash(row.manifest)),
      });
    }
    if (row.receipt !== null)
      await compare(check, row, {
        name: "receipt",
        bytes: row.receipt,
        key: receiptObjectKey(forceId, row.id),
      });
    const certificate = row.destruction_certificate;
    if (certificate !== null)
      await compare(check, row, {
        name: "certificate",
        bytes: certificate,
        key: certificateKeyOf(forceId, row.id),
      });
  }
}

interface Copies {
  readonly name: keyof Statements;
  readonly bytes: Uint8Array;
  readonly key: string;
}

async function compare(check: ForceCheck, row: StoredRecording, { name, bytes, key }: Copies): Promise<void> {
  const stored = await readObject(check, key);
  check.looked("statements");
  if (stored.kind !== "bytes") return;
  if (equalBytes(stored.bytes, bytes)) {
    if (!stored.isIndexed) tellIndex(check, objectOf(key));
    return;
  }
  const [inRow, inObject] = [
    await verifyStatement(name, bytes, check.authority),
    await verifyStatement(name, stored.bytes, check.authority),
  ];
  const both = `The ${name} of recording ${row.id} is not the same in its row and in its object ${key}`;
  const isRowGood = "value" in inRow;
  const isObjectGood = "value" in inObject;
  if ("fault" in inObject && isRowGood) {
    check.tell({
      kind: "statement-altered",
      subject: objectOf(key),
      message: `${both}: the object is altered (${inObject.fault})`,
    });
  } else if ("fault" in inRow && isObjectGood) {
    const subject = rowOf("recording", row.id, { recording: row.id });
    check.tell({
      kind: "statement-altered",
      subject,
      message: `${both}: the row is altered (${inRow.fault})`,
    });
  } else {
    const message = `${both}, and ${isRowGood ? "both are" : "neither is"} signed.`;
    check.tell({ kind: "statement-altered", subject: objectOf(key), message });
  }
}

export async function checkSegments(check: ForceCheck): Promise<void> {
  for (const camera of await check.query(listCameras)) {
    for await (const { first_sequence: first, last_sequence: last, hash: expected } of eachSegment(
      check.query,
      camera.id,
    )) {
      const key = journalSegmentKey(check.forceId, camera.id, first, expected);
      const stored = await readObject(check, key);
      check.looked("journal segments");
      if (stored.kind !== "bytes") continue;
      if (equalBytes(hash(stored.bytes), expected)) {
        if (!stored.isIndexed) tellIndex(check, objectOf(key, { camera: camera.id }));
        continue;
      }
      const message = `The journal of camera ${camera.name} (${camera.id}), entries ${first.toString()} to ${last.toString()}, is altered: ${key}.`;
      check.tell({ kind: "segment-altered", subject: objectOf(key, { camera: camera.id }), message });
    }
  }
}

/** Against the hashes that the store keeps of each object; what was kept apart also against that of its row. */
export async function checkOtherObjects(check: ForceCheck): Promise<void> {
  for await (const row of eachDerivative(check.query)) {
    await checkAgainstIndex(check, row.object_key, row.stored_bytes);
    check.looked("working copies");
  }
  for await (const row of eachKeptApart(check.query)) {
    const digest = await hashObject(check, row.object_key);
    check.looked("kept apart");
    if (digest === null) continue;
    if (equalBytes(digest, row.hash)) {
      const found = await check.ports.store.check(row.object_key, "hash");
      if (found.some(({ kind }) => kind === "hash")) tellIndex(check, objectOf(row.object_key));
      continue;
    }
    const message = `What came for recording ${row.recording_id ?? "?"} and was kept apart is not what came: ${row.object_key}.`;
    check.tell({ kind: "object-altered", subject: objectOf(row.object_key), message });
  }
}

async function checkAgainstIndex(check: ForceCheck, key: string, bytes: number): Promise<void> {
  try {
    for (const finding of await check.ports.store.check(key, "hash")) {
      // Everything else was told at level 1.
      if (finding.kind !== "hash") continue;
      const message = `The object ${key}, store part ${(finding.partNumber ?? 0).toString()}: ${finding.detail}.`;
      check.tell({ kind: "object-altered", subject: objectOf(key), message });
    }
    check.read(bytes);
  } catch (error) {
    tellFault(check, objectOf(key), error);
  }
}

async function hashObject(check: ForceCheck, key: string): Promise<Uint8Array | null> {
  try {
    const opened = await check.ports.store.openObject(key);
    if (opened.kind === "absent") return null;
    const digest = createHash("sha256");
    for await (const chunk of opened.object.stream(0, opened.object.sizeBytes)) digest.update(chunk);
    check.read(opened.object.sizeBytes);
    return digest.digest();
  } catch (error) {
    // A part that is missing, and an index that cannot be read, were told at level 1.
    if (error instanceof VaultError && error.code === "object-damaged") return null;
    tellFault(check, objectOf(key), error);
    return null;
  }
}
