// Checks a force's public ledger as anybody can: fetches it over HTTP and trusts nothing but the log's key. The
// checkpoint is signed; the tiles and entries are those of the signed tree; it grew from the checkpoint seen before;
// and each receipt's entry stands in it.
import type { Api } from "@sworn/client";
import { ApiProblem } from "@sworn/client";
import { parseReceipt } from "@sworn/custody";
import {
  type Checkpoint,
  digestLeaf,
  nodesFromTiles,
  parseTlogProof,
  parseVerifierKey,
  proveConsistency,
  proveInclusion,
  verifyCheckpoint,
  verifyConsistency,
  verifyInclusion,
  verifyLog,
} from "@sworn/ledger";
import { createHash } from "node:crypto";
import { CliError } from "./exit.ts";

const sha256 = (bytes: Uint8Array): Uint8Array => new Uint8Array(createHash("sha256").update(bytes).digest());

export interface CheckedLedger {
  readonly origin: string;
  readonly size: number;
  readonly root: string;
  /** Receipts whose entry was found in the signed tree. */
  readonly receipts: number;
  readonly checkpoint: Checkpoint;
}

function wrong(what: string): CliError {
  return new CliError("answer-is-no", `The ledger is not as it should be: ${what}`);
}

function tilesOf(api: Api, force: string): (path: string) => Promise<Uint8Array | undefined> {
  return async (path) => {
    try {
      return (await api.answer("GET", `/ledger/${force}/${path}`)).body;
    } catch (error) {
      if (error instanceof ApiProblem && error.status === 404) return undefined;
      throw error;
    }
  };
}

/** Throws `answer-is-no` naming the first thing that does not hold. `receipts`: COSE_Sign1, as the cameras got them. */
export async function checkLedger(
  api: Api,
  given: {
    readonly force: string;
    readonly receipts: readonly Uint8Array[];
    readonly before: Checkpoint | null;
  },
): Promise<CheckedLedger> {
  const { force, receipts, before } = given;
  const text = async (path: string): Promise<string> =>
    new TextDecoder().decode((await api.answer("GET", path)).body);
  const key = await parseVerifierKey((await text(`/v1/forces/${force}/ledger.vkey`)).trim());
  if (!key.ok) throw wrong(`its key does not read (${key.message}).`);
  const origin = `sworn/${force}`;
  const note = await text(`/ledger/${force}/checkpoint`);
  const verdict = await verifyCheckpoint(note, { origin, logKeys: [key.value] });
  if (!verdict.ok) throw wrong(`the checkpoint: ${verdict.message}.`);
  const { size, root } = verdict.checkpoint;
  const readTile = tilesOf(api, force);
  const log = await verifyLog({ sha256, size, root, readTile, entries: true });
  if (!log.ok) throw wrong(`${log.findings[0]?.path ?? ""}: ${log.findings[0]?.message ?? ""}.`);
  const readNode = nodesFromTiles(sha256, readTile, size);
  if (before !== null) {
    const proof = await proveConsistency(sha256, readNode, { oldSize: before.size, newSize: size });
    const grown = await verifyConsistency({
      oldSize: before.size,
      newSize: size,
      oldRoot: before.root,
      newRoot: root,
      proof,
    });
    if (!grown.ok) throw wrong(`it did not grow from the checkpoint that was seen before: ${grown.message}.`);
  }
  for (const bytes of receipts) {
    const { entry, proof: told } = parseReceipt(bytes).value;
    const parsed = parseTlogProof(told);
    if (!parsed.ok) throw wrong(`a receipt's proof does not read: ${parsed.message}.`);
    const { index } = parsed.value;
    const proof = await proveInclusion(sha256, readNode, { index, size });
    const found = await verifyInclusion({ index, size, leafHash: await digestLeaf(entry), proof, root });
    if (!found.ok) throw wrong(`a receipt's entry is not in it: ${found.message}.`);
  }
  return {
    origin,
    size,
    root: Buffer.from(root).toString("base64"),
    receipts: receipts.length,
    checkpoint: verdict.checkpoint,
  };
}
