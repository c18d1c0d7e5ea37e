// What `sworn fsck` can find: a closed list of kinds, and for each how bad it is, what it means and what to do about it.
import type { CameraId, ForceId, RecordingId } from "@sworn/contract";

/**
 * `damage`: something is lost, altered or against an invariant. `warning`: nothing is lost yet, somebody must act.
 * `notice`: what a crash may leave behind; it harms nothing, and a check that finds only notices is clean.
 */
export type Severity = "damage" | "warning" | "notice";

/** What a problem is about. `id`: an object's key, a key's id, a tile's path, a row as `table id`, a file's path. */
export interface Subject {
  readonly type: "recording" | "camera" | "object" | "key" | "root" | "tile" | "row" | "file" | "upload";
  readonly id: string;
  readonly recording?: RecordingId;
  readonly camera?: CameraId;
  /** The part of the recording, from 0: the init segment. */
  readonly part?: number;
  /** The place of the key ring, 1 or 2. */
  readonly place?: 1 | 2;
}

export interface Problem {
  readonly kind: ProblemKind;
  readonly severity: Severity;
  /** Null: it is about no one force. */
  readonly force: ForceId | null;
  readonly subject: Subject;
  /** What was found, with the name of what it was found in. */
  readonly message: string;
  /** What it means, and what to do. */
  readonly advice: string;
  /** On the recording's media time, where the damage is confined to a part. */
  readonly seconds?: { readonly from: number; readonly to: number };
}

export type NewProblem = Pick<Problem, "kind" | "subject" | "message" | "seconds">;

const restoreObject = "Restore this object from a backup or a second store, then check again.";
const restoreRow =
  "The signed copy counts, not the row. Restore the database, or rebuild it with sworn recover.";

const kinds = {
  "object-missing": ["damage", `What was acknowledged is not there. ${restoreObject}`],
  "object-altered": ["damage", `Its bytes are not those that were stored. ${restoreObject}`],
  "object-index-damaged": [
    "damage",
    `The object cannot be read until its index.json is restored. ${restoreObject}`,
  ],
  "object-undead": [
    "damage",
    "The recording was destroyed and its bytes are back: find the backup they came from, and delete them.",
  ],
  "object-extra": [
    "notice",
    "No row names it. A crash before a commit leaves such an object; a database that was restored does too.",
  ],
  "plaintext-altered": [
    "damage",
    "It cannot be played. Compare the key ring and this object with their backups.",
  ],
  "parts-list-altered": ["damage", `The row's list of parts is not the signed one. ${restoreRow}`],
  "row-altered": ["damage", restoreRow],
  "statement-altered": ["damage", "Its signature does not hold. Restore this copy; do not sign it anew."],
  "copy-missing": ["damage", "One copy of a signed statement is gone. Write it again from the other."],
  "receipt-missing": [
    "warning",
    "The camera still keeps the recording. Start the server: it issues the receipt.",
  ],
  "key-missing": [
    "damage",
    "Nothing opens the recording without it. Restore the key ring's backup before it expires.",
  ],
  "key-damaged": [
    "damage",
    "Neither place has the key whole. Restore the key ring's backup before it expires.",
  ],
  "key-copy-missing": [
    "warning",
    "One of the two places lacks it. The server mends it from the other at its next start.",
  ],
  "key-copy-damaged": [
    "warning",
    "One of the two copies is damaged. The server mends it from the other when it is read.",
  ],
  "key-differs": [
    "damage",
    "The two places hold different keys. Compare both with a backup; nothing is mended by itself.",
  ],
  "key-undead": [
    "damage",
    "A destroyed key is back. The server removes it at its next start; find the backup it came from.",
  ],
  "key-extra": [
    "notice",
    "No row names it. A crash before a commit leaves such a key; a database that was restored does too.",
  ],
  "tombstone-missing": [
    "warning",
    "One place lacks the mark of a destroyed key. The server copies it at its next start.",
  ],
  "not-destroyed": [
    "damage",
    "It is certified as destroyed and its key is there, or no tombstone is. Find out who restored it, and destroy it again.",
  ],
  "missing-untold": [
    "warning",
    "What a journal promised is overdue and nobody was told. See why the server's daily sweep did not run; it tells at its next one.",
  ],
  "root-damaged": [
    "damage",
    "No key opens. Restore the root key file from its backup before anything else is done.",
  ],
  "ring-unusable": [
    "damage",
    "The key ring does not open, so nothing can be played. Do not start the server; restore what is named.",
  ],
  "file-extra": ["notice", "Sworn did not write it. See what it is, and take it away."],
  "segment-missing": ["damage", `A part of a camera's accepted journal is gone. ${restoreObject}`],
  "segment-altered": ["damage", `A part of a camera's accepted journal is altered. ${restoreObject}`],
  "journal-broken": [
    "damage",
    "The camera's journal is not one signed chain. Restore the segments and rows that are named.",
  ],
  "journal-disagrees": [
    "damage",
    "Journal and row say different things; the journal is signed. Restore the database.",
  ],
  "recording-unknown": [
    "damage",
    "It is known to have existed, and the database has no row for it. Run sworn recover, or restore the database.",
  ],
  "recording-missing": [
    "damage",
    "The journal promised it, it is not here, and the camera has it no more. Ask who had the camera.",
  ],
  "freed-without-receipt": [
    "damage",
    "The camera says it freed this recording against a receipt that this server did not give.",
  ],
  "upload-short": [
    "warning",
    "Bytes that a camera was told are here are not. It still has them: cancel the upload and let it send again.",
  ],
  "authority-damaged": [
    "damage",
    "Signatures of this force cannot be checked, nor new ones made. Restore the authority folder.",
  ],
  "certificate-invalid": [
    "damage",
    "Signatures made under it are not trusted. Restore the certificate; if it expired, renew it.",
  ],
  "checkpoint-damaged": [
    "damage",
    "The head of the public log cannot be trusted. Restore the log's folder; never sign another history.",
  ],
  "tile-damaged": [
    "damage",
    "The public log is not what its checkpoint signs. Restore the file, or make it from what lies below it.",
  ],
  "tile-unproven": [
    "warning",
    "It could not be checked, because what would prove it is damaged. Mend that first.",
  ],
  "private-entry-damaged": [
    "damage",
    "sworn recover could not rebuild this entry. Write the file again from the database's rows.",
  ],
  "change-log-damaged": [
    "damage",
    "sworn recover could not rebuild the database from it. While the database is whole nothing is lost: keep its file elsewhere, take it away, and start the server, which begins a new one.",
  ],
  "database-behind": [
    "damage",
    "Less is in the database than was published: it was restored. Run sworn recover; the server refuses to act until then.",
  ],
  "entry-missing": [
    "damage",
    "An act without its entry in the log. Restore the database, or rebuild it with sworn recover.",
  ],
  "destroyed-while-held": [
    "damage",
    "A hold stood when the key went. Tell those who placed the hold, and find out how it came.",
  ],
  overdue: [
    "warning",
    "It is past its day, and no hold keeps it. Start the server, or run: sworn retention run",
  ],
  unreadable: ["damage", "The disk did not give its bytes. Check the disk before anything else."],
} as const satisfies Readonly<Record<string, readonly [Severity, string]>>;

export type ProblemKind = keyof typeof kinds;

/** Every kind with its severity and advice, for the documentation. */
const problemKinds: Readonly<Record<ProblemKind, readonly [severity: Severity, advice: string]>> = kinds;

export function describeProblem(force: ForceId | null, problem: NewProblem): Problem {
  const [severity, advice] = problemKinds[problem.kind];
  return { ...problem, severity, force, advice };
}
