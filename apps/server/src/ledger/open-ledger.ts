// The ledger of all forces: stage in an act's transaction, then wait for the checkpoint that covers the entry.
import { join } from "node:path";
import type { ForceId } from "@sworn/contract";
import { type Opening, formatId, parseId } from "@sworn/custody";
import {
  createSigner,
  encodeTlogProof,
  encodeVerifierKey,
  nodesFromTiles,
  proveInclusion,
} from "@sworn/ledger";
import { type Authorities, ledgerOrigin } from "../authority/index.ts";
import type { Clock } from "../platform/clock.ts";
import { type Database, type ForceTransaction, withForce } from "../platform/database/database.ts";
import type { Log as LogLines } from "../platform/log.ts";
import { LedgerFault } from "./ledger-error.ts";
import { LogFolder } from "./log-folder.ts";
import { OpeningKeys, type OpeningKeyRing } from "./opening-keys.ts";
import { type Log, type PublishedHead, publishEntries, readPublished, sha256 } from "./publish-entries.ts";
import { Sequencer } from "./sequencer.ts";
import { type EntryToStage, type StagedEntry, stageEntries, stageEntry } from "./stage-entry.ts";
import { type EntryRow, readEntry } from "./store.ts";

/** An entry that a published checkpoint covers. */
export interface CoveredEntry {
  readonly index: number;
  /** The public leaf, as in the log. */
  readonly leaf: Uint8Array;
  /** Salt and full private entry. */
  readonly opening: Opening;
  /** C2SP tlog-proof with its checkpoint. */
  readonly proof: string;
}

export interface Ledger {
  /** Stages an entry in the transaction of its act. */
  stage(tx: ForceTransaction, entry: EntryToStage): Promise<StagedEntry>;
  /** Stages all entries of an act that has many, in their order. */
  stageMany(tx: ForceTransaction, entries: readonly EntryToStage[]): Promise<StagedEntry[]>;
  /**
   * After commit: resolves when a published checkpoint covers the entry.
   * @throws LedgerFault when the ledger cannot take it; nothing may then be acknowledged
   */
  covered(forceId: ForceId, staged: StagedEntry): Promise<CoveredEntry>;
  /** The private entry of a row. @throws LedgerFault `ledger-entry-unknown` after its key was destroyed */
  open(forceId: ForceId, row: Pick<EntryRow, "leaf" | "sealed_opening" | "opening_key">): Promise<Opening>;
  /** The published head of a force's log. */
  head(forceId: ForceId): Promise<PublishedHead>;
  /** The log's public key, as a C2SP verifier key. */
  verifierKey(forceId: ForceId): Promise<string>;
  /** A file of the public log by its path, already parsed as one of the log's. */
  readPublic(forceId: ForceId, path: string): Promise<Uint8Array | undefined>;
  /** Publishes what is staged now, for start-up and tests. */
  publishNow(forceId: ForceId): Promise<PublishedHead>;
  stop(): Promise<void>;
}

/** Where the rows of each act go before the checkpoint that covers it. */
export interface ChangeLog {
  /** Before a publishing. @throws LedgerFault `ledger-behind` */
  prepare(forceId: ForceId): Promise<void>;
  /** In the transaction of a publishing, before its checkpoint: durable on return. */
  flush(tx: ForceTransaction, forceId: ForceId): Promise<void>;
}

/** `keys` is the key ring; `folder` holds one log for each force. */
export function openLedger(given: {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: LogLines;
  readonly authorities: Authorities;
  readonly keys: OpeningKeyRing;
  readonly folder: string;
  readonly changes?: ChangeLog;
}): Ledger {
  const { database, clock } = given;
  const keys = new OpeningKeys(given.keys);
  const logs = new Map<ForceId, Promise<Log>>();

  const logOf = (forceId: ForceId): Promise<Log> => {
    const known = logs.get(forceId);
    if (known) return known;
    const loading = loadLog(forceId);
    logs.set(forceId, loading);
    loading.catch(() => logs.delete(forceId));
    return loading;
  };
  const loadLog = async (forceId: ForceId): Promise<Log> => {
    const force = parseId(forceId);
    const { ledger } = await given.authorities.of(force);
    const publicKey = new Uint8Array(await crypto.subtle.exportKey("raw", ledger.certificate.publicKey));
    const origin = ledgerOrigin(force);
    const signer = await createSigner({
      name: origin,
      type: "ed25519",
      publicKey,
      privateKey: ledger.privateKey,
    });
    return { forceId, origin, signer, folder: new LogFolder(join(given.folder, forceId)) };
  };
  // One publishing at a time in this process; the data folder's lock keeps other processes out.
  const inHand = new Map<ForceId, Promise<unknown>>();
  const publish = async (forceId: ForceId) => {
    const log = await logOf(forceId);
    const before = inHand.get(forceId) ?? Promise.resolve();
    const run = before
      .catch(() => undefined)
      .then(async () => {
        await given.changes?.prepare(forceId);
        return publishEntries(log, { database, clock, flush: given.changes?.flush.bind(given.changes) });
      });
    inHand.set(forceId, run);
    return run;
  };
  const sequencer = new Sequencer({
    publish,
    forces: async () => (await given.authorities.forces()).map((force) => formatId(force) as ForceId),
    log: given.log,
  });

  const rowOf = async (forceId: ForceId, id: number): Promise<EntryRow> => {
    const row = await withForce(database, { forceId, personId: null }, (tx) => readEntry(tx, id));
    if (!row)
      throw new LedgerFault("ledger-entry-unknown", "The entry was not committed, so nothing can cover it.");
    return row;
  };
  const open: Ledger["open"] = (forceId, row) =>
    keys.open(parseId(forceId), row.leaf, { keyId: row.opening_key, sealed: row.sealed_opening });

  return {
    stage: (tx, entry) => stageEntry(tx, entry, { clock, keys }),
    stageMany: (tx, entries) => stageEntries(tx, entries, { clock, keys }),
    async covered(forceId, staged) {
      const log = await logOf(forceId);
      let row = await rowOf(forceId, staged.id);
      let head = row.index === null ? null : await readPublished(log);
      if (row.index === null || head === null || head.size <= row.index) {
        head = await sequencer.wait(forceId, async (published) => {
          row = await rowOf(forceId, staged.id);
          return row.index !== null && row.index < published.size;
        });
      }
      if (row.index === null || head.note === null)
        throw new LedgerFault("ledger-stopped", "The entry has no place yet.");
      const readNode = nodesFromTiles(sha256, (path) => log.folder.read(path), head.size);
      const hashes = await proveInclusion(sha256, readNode, { index: row.index, size: head.size });
      const proof = encodeTlogProof({ index: row.index, hashes, checkpoint: head.note });
      return { index: row.index, leaf: row.leaf, opening: await open(forceId, row), proof };
    },
    open,
    head: async (forceId) => readPublished(await logOf(forceId)),
    verifierKey: async (forceId) => encodeVerifierKey((await logOf(forceId)).signer.verifier),
    readPublic: async (forceId, path) => (await logOf(forceId)).folder.read(path),
    publishNow: async (forceId) => (await publish(forceId)).head,
    stop: () => sequencer.stop(),
  };
}
