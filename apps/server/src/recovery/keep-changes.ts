// Gives the changes of each force away to the change log, in the transaction that publishes, before the checkpoint.
// Guarantees: what a published checkpoint covers lies in the log; a database that is behind its log gives nothing away.
//   1. look: database and log are at one place, or a crash cut the last step off: then the log is right, and the
//      database still holds exactly what it lacks; else the database was restored, and all is refused
//   2. append what was noted, synced; delete it and move the head in the transaction of the checkpoint
//   3. each month, after a migration, and where a file has grown, a new file begins with a base: all rows
import type { ForceId } from "@sworn/contract";
import { parseId } from "@sworn/custody";
import { LedgerFault, type ChangeLog } from "../ledger/index.ts";
import { withForce, type Database, type ForceTransaction } from "../platform/database/database.ts";
import type { Log } from "../platform/log.ts";
import type { Clock } from "../platform/clock.ts";
import { changesFolder, listEpochs, removeEpoch } from "./change-file.ts";
import { sealFrame, type ChangeFrame } from "./change-frame.ts";
import { destroyChangeKey, type ChangeKeyRing } from "./change-keys.ts";
import { dropNoted, putHead, readHead, readNoted, type Noted } from "./changes-store.ts";
import { compareLog, openNewest } from "./compare-log.ts";
import { readFrame, type OpenedLog } from "./read-log.ts";
import { RecoveryFault } from "./recovery-fault.ts";
import { writeBase } from "./write-base.ts";

/** Changes of one frame; more go into further frames of the same step. */
const frameChanges = 1_000;
/** A file is replaced when it has grown by this much, and by as much again as its base. */
const grownBytes = 64 * 1024 * 1024;
/** What is in no row any more leaves the log with the file's key, so late at the most. */
const renewAfterMs = 30 * 86_400_000;

export interface ChangeKeeperPorts {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly keys: ChangeKeyRing;
  readonly ledgerFolder: string;
  /** The number of the newest migration. */
  readonly migration: number;
}

interface KeptLog extends OpenedLog {
  readonly baseBytes: number;
  readonly writtenAtMs: number;
}

export class ChangeKeeper implements ChangeLog {
  readonly #ports: ChangeKeeperPorts;
  readonly #logs = new Map<ForceId, KeptLog>();

  constructor(ports: ChangeKeeperPorts) {
    this.#ports = ports;
  }

  /** Before publishing: the log is open and fits the database. @throws LedgerFault `ledger-behind` */
  async prepare(forceId: ForceId): Promise<void> {
    const known = this.#logs.get(forceId);
    if (known !== undefined && !this.#isDue(known)) return;
    await this.#close(forceId);
    const opened = await this.#open(forceId);
    if (opened !== null && !this.#isDue(opened)) {
      this.#logs.set(forceId, opened);
      return;
    }
    await opened?.file.close();
    await this.#begin(forceId);
  }

  /** In the publishing transaction, before the checkpoint: what was noted is durable in the log on return. */
  async flush(tx: ForceTransaction, forceId: ForceId): Promise<void> {
    const kept = this.#logs.get(forceId);
    if (kept === undefined) throw new RecoveryFault("changes-unwritable", "The change log is not open.");
    try {
      // Behind the log where an earlier publishing failed after it had written here.
      if (!(await this.#settle(tx, kept))) throw behind(forceId);
      const noted = await readNoted(tx);
      if (noted.changes.length === 0) return;
      await this.#append(kept, noted);
      const ids = noted.changes.map(([id]) => id);
      await dropNoted(tx, ids);
      await putHead(tx, forceId, { epoch: kept.file.epoch, frame: kept.file.frames });
    } catch (error) {
      // Opened again it is compared again; after a failed sync nothing more goes into this file handle.
      await this.#close(forceId);
      throw error;
    }
  }

  async close(): Promise<void> {
    for (const forceId of [...this.#logs.keys()]) await this.#close(forceId);
  }

  #isDue({ file, baseBytes, writtenAtMs }: KeptLog): boolean {
    return (
      file.sizeBytes > 2 * baseBytes + grownBytes || this.#ports.clock.nowMs() > writtenAtMs + renewAfterMs
    );
  }

  async #close(forceId: ForceId): Promise<void> {
    const kept = this.#logs.get(forceId);
    this.#logs.delete(forceId);
    await kept?.file.close();
  }

  /** Null: there is no log to go on with, and a new file is to be begun. */
  async #open(forceId: ForceId): Promise<KeptLog | null> {
    const { database, keys, ledgerFolder, log, migration } = this.#ports;
    const opened = await openNewest(
      { folder: changesFolder(ledgerFolder, forceId), keys },
      forceId,
      "append",
    );
    if (opened === null) return null;
    try {
      const base = await readFrame(opened, 1);
      const settled = await withForce(database, { forceId, personId: null }, async (tx) => {
        const head = await readHead(tx);
        const { epoch, frames } = opened.file;
        const isOlder =
          head !== null && (head.epoch > epoch || (head.epoch === epoch && head.frame > frames));
        if (isOlder) return null;
        if (!(await this.#settle(tx, opened))) throw behind(forceId);
        return true;
      });
      if (settled !== null && base?.from?.migration === migration) {
        const { baseBytes, writtenAtMs } = { baseBytes: opened.file.sizeBytes, ...base.from };
        return { ...opened, baseBytes, writtenAtMs };
      }
      if (settled === null)
        log.warn("the change log is older than the database; it is begun anew", { forceId });
      await opened.file.close();
      return null;
    } catch (error) {
      await opened.file.close();
      throw error;
    }
  }

  /** Brings the database's head to the log's end where a crash kept it from it; false: it was restored. */
  async #settle(tx: ForceTransaction, opened: OpenedLog): Promise<boolean> {
    const head = await readHead(tx);
    const { epoch, frames } = opened.file;
    if (head?.epoch === epoch && head.frame === frames) return true;
    const standing = await compareLog(tx, opened, head);
    if (standing.kind === "behind") return false;
    opened.file.forgetAfter(standing.frame);
    await dropNoted(tx, standing.given);
    await putHead(tx, opened.forceId, { epoch, frame: standing.frame });
    return true;
  }

  async #append(kept: KeptLog, noted: Noted): Promise<void> {
    const frames: ChangeFrame[] = [];
    for (let from = 0; from < noted.changes.length; from += frameChanges) {
      frames.push({
        ...{ kind: "changes", from: null, covers: [] },
        isLast: from + frameChanges >= noted.changes.length,
        changes: noted.changes.slice(from, from + frameChanges),
        entries: from === 0 ? noted.entries : [],
      });
    }
    const force = parseId(kept.forceId);
    const { epoch, frames: before } = kept.file;
    await kept.file.append(
      frames.map((frame, at) => sealFrame(kept.key, { force, epoch, frame: before + at + 1 }, frame)),
    );
  }

  async #begin(forceId: ForceId): Promise<void> {
    const { database, clock, keys, ledgerFolder, migration } = this.#ports;
    const folder = changesFolder(ledgerFolder, forceId);
    const epochs = await listEpochs(folder);
    const head = await withForce(database, { forceId, personId: null }, async (tx) => {
      const known = await readHead(tx);
      // Known from here on as one that has begun: a database without a head is one that was lost.
      if (known === null) await putHead(tx, forceId, { epoch: 0, frame: 0 });
      return known;
    });
    const after = Math.max(head?.epoch ?? 0, ...epochs);
    const nowMs = clock.nowMs();
    const begun = await writeBase({ database, keys, folder, migration, nowMs }, forceId, after);
    this.#logs.set(forceId, { ...begun, baseBytes: begun.file.sizeBytes, writtenAtMs: nowMs });
    for (const epoch of epochs) {
      await destroyChangeKey(keys, forceId, epoch);
      await removeEpoch(folder, epoch);
    }
  }
}

function behind(forceId: ForceId): LedgerFault {
  return new LedgerFault(
    "ledger-behind",
    `The database of force ${forceId} knows less than the change log beside its ledger: it was restored from a backup. ` +
      "Run `sworn recover` before anything is recorded, acknowledged or destroyed.",
  );
}
