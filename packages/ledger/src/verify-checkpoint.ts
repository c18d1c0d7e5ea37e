/**
 * Verification of a signed checkpoint against what a verifier trusts.
 *
 * Guarantees: the checkpoint is of the expected log and signed by the log's own key; enough different witnesses
 * cosigned it. A witness's cosignature never stands in for the log's signature.
 */
import { parseCheckpoint } from "./checkpoint.ts";
import type { Checkpoint } from "./checkpoint.ts";
import type { NoteVerifier } from "./note-key.ts";
import { verifyNote } from "./verify-note.ts";
import type { NoteFault, VerifiedSignature } from "./verify-note.ts";

export interface CheckpointPolicy {
  /** The origin line that the checkpoint must have. */
  readonly origin: string;
  /** Keys of the log; one must have signed. Several while a key is being replaced. */
  readonly logKeys: readonly NoteVerifier[];
  readonly witnessKeys?: readonly NoteVerifier[];
  /** How many differently named witnesses must have cosigned; 0 by default. */
  readonly witnessesRequired?: number;
}

export type CheckpointFault =
  NoteFault | "malformed-checkpoint" | "wrong-origin" | "not-signed-by-log" | "too-few-witnesses";

export type CheckpointVerdict =
  | {
      readonly ok: true;
      readonly checkpoint: Checkpoint;
      readonly logSignatures: readonly VerifiedSignature[];
      readonly cosignatures: readonly VerifiedSignature[];
    }
  | { readonly ok: false; readonly reason: CheckpointFault; readonly message: string };

/** Whether this untrusted note is a checkpoint that the policy accepts. Never throws on what it is given to check. */
export async function verifyCheckpoint(
  note: Uint8Array | string,
  policy: CheckpointPolicy,
): Promise<CheckpointVerdict> {
  const { origin, logKeys, witnessKeys = [], witnessesRequired = 0 } = policy;
  const verdict = await verifyNote(note, [...logKeys, ...witnessKeys]);
  if (!verdict.ok) return verdict;
  const checkpoint = parseCheckpoint(verdict.text);
  if (!checkpoint.ok) return fault("malformed-checkpoint", checkpoint.message);
  if (checkpoint.value.origin !== origin)
    return fault("wrong-origin", `this is not a checkpoint of ${origin}`);
  const logSignatures = verdict.signedBy.filter(({ verifier }) => logKeys.includes(verifier));
  // Only a cosignature states that the witness checked consistency; a plain signature of its key states nothing.
  const cosignatures = verdict.signedBy.filter(
    ({ verifier, timestampSeconds }) => !logKeys.includes(verifier) && timestampSeconds !== undefined,
  );
  if (logSignatures.length === 0)
    return fault("not-signed-by-log", "the log itself did not sign this checkpoint");
  // By name, so that one witness with two keys does not count twice.
  const witnesses = new Set(cosignatures.map(({ verifier }) => verifier.name));
  if (witnesses.size < witnessesRequired) {
    return fault(
      "too-few-witnesses",
      `${witnesses.size} of ${witnessesRequired} required witnesses cosigned`,
    );
  }
  return { ok: true, checkpoint: checkpoint.value, logSignatures, cosignatures };
}

function fault(reason: CheckpointFault, message: string): CheckpointVerdict {
  return { ok: false, reason, message };
}
