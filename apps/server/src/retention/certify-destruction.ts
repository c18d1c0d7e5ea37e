// The certificate of a destruction: signed once, kept beside the manifest, and found again there after a crash or in a
// restored database. It is signed only when key and objects are gone and a checkpoint covers the order.
import type { ForceId } from "@sworn/contract";
import {
  equalBytes,
  parseDestruction,
  parseId,
  signDestruction,
  verifySign1,
  type DestructionCertificate,
} from "@sworn/custody";
import type { CoveredEntry } from "../ledger/index.ts";
import type { DestructionRow } from "../platform/database/tables/retention.ts";
import { certificateKeyOf, type RetentionPorts } from "./ports.ts";
import { RetentionFault } from "./retention-error.ts";
import { dayMs, type RetentionSettings } from "./settings.ts";
import type { Recording } from "./store.ts";

/** Larger than any certificate: its proof has 64 KiB at most. */
const certificateMaximumBytes = 131_072;

export interface Certified {
  readonly bytes: Uint8Array;
  readonly certificate: DestructionCertificate;
}

type Needs = Pick<RetentionPorts, "clock" | "objects" | "serviceOf" | "settings">;

/** The day by which no backup of the key can exist: the ring's backups expire by then, and nothing else held it. */
function noBackupAfterMs(keyDestroyedAtMs: number, settings: RetentionSettings): number {
  return keyDestroyedAtMs + settings.ringBackupDays * dayMs;
}

/** The stored certificate of a recording, its signature and subject checked; null where there is none. */
export async function findCertificate(
  ports: Pick<RetentionPorts, "objects" | "serviceOf">,
  forceId: ForceId,
  recording: Pick<Recording, "id" | "identity">,
): Promise<Certified | null> {
  const opened = await ports.objects.openObject(certificateKeyOf(forceId, recording.id));
  if (opened.kind === "absent") return null;
  const damaged = (cause?: unknown): RetentionFault =>
    new RetentionFault(
      "certificate-damaged",
      `What lies as the certificate of recording ${recording.id} is not it. Restore it from a backup of the store.`,
      cause,
    );
  if (opened.object.sizeBytes > certificateMaximumBytes) throw damaged();
  const bytes = await opened.object.read(0, opened.object.sizeBytes);
  let parsed: ReturnType<typeof parseDestruction>;
  try {
    parsed = parseDestruction(bytes);
  } catch (cause) {
    throw damaged(cause);
  }
  const { value, sign1 } = parsed;
  const { certificate } = await ports.serviceOf(forceId);
  const isOurs =
    equalBytes(value.force, parseId(forceId)) &&
    equalBytes(value.recording, parseId(recording.id)) &&
    (recording.identity === null || equalBytes(value.identity, recording.identity)) &&
    (await verifySign1(sign1, certificate.publicKey));
  if (!isOurs) throw damaged();
  return { bytes, certificate: value };
}

/** Called under the row's lock: a store does not take two writers of one object. */
export async function certifyDestruction(
  ports: Needs,
  forceId: ForceId,
  recording: Recording,
  given: { readonly order: DestructionRow; readonly covered: CoveredEntry; readonly keyDestroyedAt: Date },
): Promise<Certified> {
  const { id, identity } = recording;
  const earlier = await findCertificate(ports, forceId, recording);
  if (earlier !== null) return earlier;
  if (identity === null)
    throw new RetentionFault("destroyed-without-order", `Recording ${id} was never collected.`);
  const { order, covered, keyDestroyedAt } = given;
  const keyDestroyedAtMs = keyDestroyedAt.getTime();
  const certificate: DestructionCertificate = {
    force: parseId(forceId),
    recording: parseId(id),
    camera: recording.camera_id === null ? null : parseId(recording.camera_id),
    number: recording.number,
    identity,
    orderedAtMs: order.ordered_at.getTime(),
    keyDestroyedAtMs,
    objectsDestroyedAtMs: Math.max(keyDestroyedAtMs, ports.clock.nowMs()),
    noBackupAfterMs: noBackupAfterMs(keyDestroyedAtMs, ports.settings),
    rule: {
      class: order.class,
      version: order.version,
      periodDays: order.period_days,
      citation: order.citation,
    },
    dueAtMs: order.due_at.getTime(),
    entry: covered.leaf,
    proof: covered.proof,
  };
  const { signer } = await ports.serviceOf(forceId);
  const bytes = await signDestruction(certificate, signer);
  await ports.objects.putObject(certificateKeyOf(forceId, id), bytes);
  return { bytes, certificate };
}
