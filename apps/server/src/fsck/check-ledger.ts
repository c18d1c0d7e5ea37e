// Level 4: the public log is the tree that its checkpoint signs, tile by tile and entry by entry, and the database is not
// behind it. A file that is not of the log, and an older part of a tile that is not its beginning, are told of.
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { equalBytes } from "@sworn/custody";
import {
  CHECKPOINT_PATH,
  parseTilePath,
  tilePath,
  verifyCheckpoint,
  verifyLog,
  type Checkpoint,
} from "@sworn/ledger";
import { ledgerOrigin } from "../authority/index.ts";
import { LogFolder } from "../ledger/index.ts";
import { logVerifier } from "./check-authority.ts";
import { checkEntries } from "./check-entries.ts";
import { hash } from "./digest.ts";
import { countEntries, type LedgerCounts } from "./ledger-store.ts";
import type { ForceCheck } from "./ports.ts";
import type { NewProblem } from "./problem.ts";
import { rowOf } from "./subjects.ts";

type Head = Pick<Checkpoint, "size" | "root">;

export async function checkLedger(check: ForceCheck): Promise<void> {
  const path = join(check.ports.ledgerFolder, check.forceId);
  const folder = new LogFolder(path);
  const counts = await check.query(countEntries);
  const signed = await readHead(check, folder, counts);
  // The tiles can still be compared with what the database knows of the head.
  const head =
    signed ??
    (counts.headSize === null || counts.headRoot === null
      ? null
      : { size: counts.headSize, root: counts.headRoot });
  if (head === null) return;
  const last = counts.last ?? -1;
  if (last + 1 < head.size || counts.indexed !== last + 1) {
    const subject = { type: "row", id: "ledger_entry" } as const;
    const message = `The database has ${counts.indexed.toString()} entries with a place in the log, up to ${last.toString()}, and ${head.size.toString()} are published.`;
    check.tell({ kind: "database-behind", subject, message });
  }
  const read = async (name: string): Promise<Uint8Array | undefined> => {
    const bytes = await folder.read(name);
    check.read(bytes?.length ?? 0);
    check.looked("tiles");
    return bytes;
  };
  const damaged = new Set<string>();
  if (head.size > 0) {
    const verdict = await verifyLog({
      sha256: hash,
      size: head.size,
      root: head.root,
      readTile: read,
      entries: true,
    });
    for (const finding of verdict.ok ? [] : verdict.findings) {
      damaged.add(finding.path);
      const kind =
        finding.fault === "unverifiable"
          ? "tile-unproven"
          : finding.path === CHECKPOINT_PATH
            ? "checkpoint-damaged"
            : "tile-damaged";
      check.tell({
        kind,
        subject: tileOf(finding.path),
        message: `${finding.path} of the log of force ${check.forceId}: ${finding.message}.`,
      });
    }
    await checkEntries(check, { folder, size: head.size, damaged });
  }
  await checkFiles(check, { path, folder, size: head.size });
}

const tileOf = (path: string): NewProblem["subject"] => ({ type: "tile", id: path });

/** Null: there is none, or none that can be trusted. */
async function readHead(check: ForceCheck, folder: LogFolder, counts: LedgerCounts): Promise<Head | null> {
  const tell = (kind: NewProblem["kind"], message: string, subject = tileOf(CHECKPOINT_PATH)): void => {
    check.tell({ kind, subject, message: `The checkpoint of force ${check.forceId}: ${message}` });
  };
  const note = await folder.read(CHECKPOINT_PATH);
  if (note === undefined) {
    if ((counts.headSize ?? 0) > 0) tell("checkpoint-damaged", "it is not there.");
    return null;
  }
  if (check.authority === null) return null;
  const logKeys = [await logVerifier(check.authority, check.force)];
  const verdict = await verifyCheckpoint(note, { origin: ledgerOrigin(check.force), logKeys });
  if (!verdict.ok) {
    tell("checkpoint-damaged", `${verdict.message}.`);
    return null;
  }
  const { size, root } = verdict.checkpoint;
  const { headSize, headRoot } = counts;
  if (headSize !== null && headSize > size) {
    tell(
      "checkpoint-damaged",
      `it signs ${size.toString()} entries, and ${headSize.toString()} were published: an older one was put back.`,
    );
  } else if (headSize === size && headRoot !== null && !equalBytes(headRoot, root)) {
    tell(
      "row-altered",
      "the database knows another root of the same size.",
      rowOf("ledger_head", check.forceId),
    );
  }
  return { size, root };
}

/** Files of the log that belong to no tile, and what is left of smaller trees. */
async function checkFiles(
  check: ForceCheck,
  { path, folder, size }: { readonly path: string; readonly folder: LogFolder; readonly size: number },
): Promise<void> {
  for await (const name of filesIn(path, "")) {
    // The change log is no part of the tree; it is read by whoever recovers.
    if (name === CHECKPOINT_PATH || name.startsWith("private/changes/")) continue;
    const isPrivate = name.startsWith("private/");
    const tile = parseTilePath(isPrivate ? name.replace("private/", "tile/entries/") : name);
    if (!tile.ok) {
      const message = `The file ${name} in the log of force ${check.forceId} is none of the log's.`;
      check.tell({ kind: "file-extra", subject: { type: "file", id: name }, message });
      continue;
    }
    const { level, index, width } = tile.value;
    const count = Math.floor(size / 256 ** (level === "entries" ? 0 : level));
    const now = Math.min(256, count - index * 256);
    if (width > now) {
      const message = `The tile ${name} of the log of force ${check.forceId} is of a larger tree than the checkpoint signs.`;
      check.tell({ kind: "file-extra", subject: tileOf(name), message });
    } else if (width < now) {
      const whole = tilePath({ level, index, width: now });
      const present = await folder.read(isPrivate ? whole.replace("tile/entries/", "private/") : whole);
      const older = await folder.read(name);
      check.read(older?.length ?? 0);
      if (
        present === undefined ||
        older === undefined ||
        equalBytes(older, present.subarray(0, older.length))
      )
        continue;
      const message = `${name}, of an earlier and smaller tree of the log of force ${check.forceId}, is not the beginning of ${whole}.`;
      check.tell({
        kind: isPrivate ? "private-entry-damaged" : "tile-damaged",
        subject: tileOf(name),
        message,
      });
    }
  }
}

async function* filesIn(root: string, folder: string): AsyncGenerator<string> {
  const entries = await readdir(join(root, folder), { withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    const name = folder === "" ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) yield* filesIn(root, name);
    else yield name;
  }
}
