// What the report tells of the recording itself: from the camera's journal, the manifest and the certificates.
import { type JournaledRecording, formatId, toHex } from "@sworn/custody";
import { UNCLEAN_STOPS } from "./check-seal.ts";
import type { Expectation } from "./expected-parts.ts";
import type { Evidence } from "./load-evidence.ts";
import type { ReportedRecording } from "./report.ts";
import { type Subject, manifestOf, receiptOf } from "./subject.ts";

export function describeRecording(
  evidence: Evidence,
  subject: Subject,
  told: {
    readonly journaled: JournaledRecording | null;
    readonly expectation: Expectation;
    readonly forceName: string | null;
  },
): ReportedRecording {
  const { journaled, expectation } = told;
  const manifest = manifestOf(evidence);
  const receipt = receiptOf(evidence);
  const { camera } = evidence.certificates;
  const stated = manifest ?? receipt;
  const seal = journaled?.seal ?? null;
  const identity = seal?.body.identity ?? stated?.identity;
  const unclean = seal ? UNCLEAN_STOPS[seal.body.reason] : undefined;
  const last = expectation.parts.at(-1);
  const lengthBytes = expectation.parts.reduce((total, part) => total + part.lengthBytes, 0);
  return {
    id: subject.recording ? formatId(subject.recording) : null,
    number: seal?.body.number ?? journaled?.started?.body.number ?? stated?.number ?? null,
    force: subject.force ? formatId(subject.force) : null,
    forceName: told.forceName,
    camera: subject.camera ? formatId(subject.camera) : null,
    cameraName: subject.attested && camera.kind === "ok" ? camera.value.commonName : null,
    format: manifest?.format ?? (journaled ? "cmaf" : null),
    ...timesOf(evidence, journaled),
    receivedAtMs: stated?.receivedAtMs ?? null,
    durationMs: seal?.body.durationMs ?? (last ? last.startMs + last.durationMs : null),
    partCount: seal?.body.parts ?? (expectation.parts.length > 0 ? expectation.parts.length : null),
    lengthBytes: lengthBytes > 0 ? lengthBytes : null,
    identity: identity ? toHex(identity) : null,
    stopReason: journaled?.stopReason ?? null,
    uncleanStop: seal && unclean ? { reason: seal.body.reason, text: unclean } : null,
    pauses: journaled?.pauses ?? [],
    mutes: journaled?.mutes ?? [],
    peopleToldMs: journaled?.peopleToldMs ?? null,
    destroyedAtMs:
      evidence.destruction.kind === "ok" ? evidence.destruction.value.value.keyDestroyedAtMs : null,
  };
}

function timesOf(
  evidence: Evidence,
  journaled: JournaledRecording | null,
): Pick<ReportedRecording, "startedAtMs" | "endedAtMs" | "clock"> {
  const manifest = manifestOf(evidence);
  if (manifest && manifest.recordedStartMs !== null) {
    return {
      startedAtMs: manifest.recordedStartMs,
      endedAtMs: manifest.recordedEndMs,
      clock: manifest.clock,
    };
  }
  if (!journaled?.started) return { startedAtMs: null, endedAtMs: null, clock: null };
  const { started } = journaled;
  const startedAtMs = started.wallMs - started.monotonicMs + started.body.startedMonotonicMs;
  return { startedAtMs, endedAtMs: startedAtMs + journaled.durationMs, clock: "camera" };
}
