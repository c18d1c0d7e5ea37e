// `seal`: the camera closed the recording, and what it sealed is what its journal tells.
import type { CollectedRecording, JournaledRecording, RecordingProblem } from "@sworn/custody";
import { type Finding, conclude, notChecked } from "./check.ts";
import { listIndices } from "./expected-parts.ts";
import type { Loaded } from "./load-evidence.ts";
import type { JournalReading } from "./read-journal.ts";
import type { Check } from "./report.ts";
import { type Subject, sameId } from "./subject.ts";
import { showCount, showRange } from "./show.ts";

/** How a recording ended that nobody stopped. */
export const UNCLEAN_STOPS: Readonly<Record<string, string>> = {
  "power-loss":
    "The camera lost its power. What it held at that moment may lack: at most the fragment in hand.",
  "storage-full": "The camera's storage was full.",
  "battery-empty": "The camera's battery was empty.",
  fault: "The camera failed.",
};

export function journaledOf(collected: CollectedRecording | null): JournaledRecording | null {
  return collected && collected.kind !== "absent" ? collected.recording : null;
}

export function checkSeal(
  subject: Subject,
  journal: Loaded<unknown>,
  told: {
    readonly reading: JournalReading | null;
    readonly collected: CollectedRecording | null;
    /** What manifest and ledger call the seal; undefined where they do not speak. */
    readonly manifestSeal: Uint8Array | null | undefined;
    readonly number: number | null | undefined;
  },
): Check {
  if (!subject.attested) {
    return notChecked("seal", "No camera signed this recording, so that there is no seal.", "unattested");
  }
  if (journal.kind === "absent") {
    return notChecked("seal", "The journal is missing (journal.cbor), and with it the seal.", "incomplete");
  }
  const recording = journaledOf(told.collected);
  if (!recording) {
    const text = "The journal holds no entry of this recording.";
    return conclude("seal", { findings: [{ fault: "incomplete", text }], good: "" });
  }
  const problems = told.collected?.kind === "faulty" ? told.collected.problems : [];
  const findings = problems.flatMap((problem) => describeProblem(problem, problems));
  const { seal } = recording;
  if (!seal) {
    const text =
      "The recording has no seal: the camera never said that it ended here, and more may have followed.";
    findings.push({ fault: "incomplete", text });
    return conclude("seal", { findings, good: "" });
  }
  const sealHash = told.reading?.entries.find(({ entry }) => entry === seal)?.hash ?? null;
  if (told.manifestSeal !== undefined && !sameId(told.manifestSeal, sealHash)) {
    findings.push({ fault: "altered", text: "The manifest names another seal than the one in the journal." });
  }
  if (told.number !== undefined && told.number !== seal.body.number) {
    const text = `The seal is of recording number ${seal.body.number}, the manifest of number ${told.number ?? "none"}.`;
    findings.push({ fault: "altered", text });
  }
  const unclean = UNCLEAN_STOPS[seal.body.reason];
  const good = `Sealed by the camera with ${showCount(seal.body.parts, "part")}.`;
  return conclude("seal", { findings, good, warnings: unclean ? [`Unclean stop. ${unclean}`] : [] });
}

/** Entries that lack are the chain's matter, and what follows from a hole is no second fault. */
function describeProblem(problem: RecordingProblem, all: readonly RecordingProblem[]): Finding[] {
  const holed = all.some(({ kind }) => kind === "parts-missing" || kind === "not-started");
  switch (problem.kind) {
    case "not-started":
      return incomplete("The journal extract lacks the entry with which the recording began.");
    case "entries-missing":
      return incomplete(
        `Entries ${listIndices(range(problem.fromSequence, problem.toSequence))} are missing between start and seal.`,
      );
    case "parts-missing": {
      const { fromIndex, toIndex, fromMs, toMs } = problem.hole;
      const which = fromIndex === toIndex ? `Part ${fromIndex} is` : `Parts ${fromIndex} to ${toIndex} are`;
      return incomplete(`${which} not in the journal (${showRange({ fromMs, toMs })}).`);
    }
    case "seal-count":
    case "seal-identity":
      if (holed) return [];
      return altered("The seal was made over other parts than the journal names.");
    case "started-twice":
      return altered(`The recording begins a second time, at entry ${problem.sequence}.`);
    case "part-repeated":
      return altered(`Part ${problem.index} comes a second time, at entry ${problem.sequence}.`);
    case "part-out-of-order":
      return altered(`Part ${problem.index} is out of order, at entry ${problem.sequence}.`);
    case "entry-after-seal":
      return altered(`The recording goes on after its seal, at entry ${problem.sequence}.`);
    case "sealed-twice":
      return altered(`The recording is sealed a second time, at entry ${problem.sequence}.`);
    case "seal-start":
      return altered(
        `The seal says that the recording began at entry ${problem.said}; it began at ${problem.found}.`,
      );
    case "seal-number":
      return altered(`The seal is of recording number ${problem.said}; it began as number ${problem.found}.`);
  }
}

function incomplete(text: string): Finding[] {
  return [{ fault: "incomplete", text }];
}
function altered(text: string): Finding[] {
  return [{ fault: "altered", text }];
}

/** Bounded: a hole may be named by numbers that somebody invented. */
function range(from: number, to: number): number[] {
  return Array.from({ length: Math.min(to - from + 1, 10_000) }, (_, offset) => from + offset);
}
