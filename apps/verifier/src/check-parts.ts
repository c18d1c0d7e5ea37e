// `parts` and `identity`: the bytes of the recording against what the camera and the service signed.
import { equalBytes, masterIdentity } from "@sworn/custody";
import { type Finding, conclude, notChecked } from "./check.ts";
import type { ComparedPart, Comparison } from "./compare-parts.ts";
import { type Expectation, listIndices } from "./expected-parts.ts";
import type { Check, Fault, PartFinding } from "./report.ts";
import { showBytes, showCount, showRange } from "./show.ts";

const LISTED_MAXIMUM = 500;

export function checkParts(
  comparison: Comparison | null,
  expectation: Expectation,
  facts: { readonly fileProblem: string | null; readonly against: string },
): Check {
  if (!comparison) {
    const detail = facts.fileProblem ?? "The recording itself is missing (recording.mp4).";
    return notChecked("parts", detail, "incomplete");
  }
  if (expectation.parts.length === 0) {
    const detail =
      "Neither journal nor manifest can be read, so that nothing says which parts there must be.";
    return notChecked("parts", detail, "incomplete");
  }
  const findings: Finding[] = [...stateFindings(comparison), ...extraFindings(comparison)];
  const parts = [
    ...comparison.parts.filter(({ state }) => isBad(state, comparison)).map((part) => partFinding(part)),
    ...expectation.disputed.map((index) => disputedFinding(index, comparison)),
    ...comparison.repeated.map(({ index, atBytes }) => stray("repeated", index, atBytes, comparison)),
    ...comparison.foreign.map(({ atBytes, lengthBytes }): PartFinding => {
      const detail = `${showBytes(lengthBytes)} at byte ${atBytes} are none of this recording's parts.`;
      return { index: null, state: "foreign", fromMs: null, toMs: null, atBytes, detail };
    }),
  ].slice(0, LISTED_MAXIMUM);
  const size = showBytes(comparison.fileBytes);
  const good = `All ${showCount(comparison.parts.length, "part")}, ${size}, have the length and hash in ${facts.against}.`;
  return conclude("parts", { findings: [...findings, ...expectation.findings], good, parts });
}

/** A part that only moved up behind a missing one is what it was; one out of its order is not where it was. */
export function isBad(state: ComparedPart["state"], comparison: Comparison): boolean {
  return state === "altered" || state === "missing" || (state === "moved" && comparison.reordered);
}

function stateFindings(comparison: Comparison): Finding[] {
  const of = (state: ComparedPart["state"]): ComparedPart[] =>
    comparison.parts.filter((part) => part.state === state);
  const findings: Finding[] = [];
  const altered = of("altered");
  if (altered.length > 0) {
    const text = `${partsText(altered)} ${wasWere(altered)} altered${times(altered)}: the bytes do not have the hash that was signed.`;
    findings.push({ fault: "altered", text });
  }
  const moved = of("moved");
  if (comparison.reordered) {
    const text = `Parts were put into another order: ${listIndices(moved.map(({ part }) => part.index))} ${isAre(moved)} not in place.`;
    findings.push({ fault: "altered", text });
  }
  const missing = of("missing");
  if (missing.length > 0) {
    const text = `${partsText(missing)} ${isAre(missing)} missing${times(missing)}.`;
    findings.push({ fault: "incomplete", text });
  }
  return findings;
}

function extraFindings(comparison: Comparison): Finding[] {
  const findings: Finding[] = [];
  const { foreign, repeated, inserted, fileBytes, parts } = comparison;
  const fault: Fault = inserted ? "altered" : "incomplete";
  const where = inserted ? "within the recording" : "after the last part";
  if (repeated.length > 0) {
    const text = `Part ${listIndices(repeated.map(({ index }) => index))} stands a second time, ${where}.`;
    findings.push({ fault, text });
  }
  if (foreign.length > 0) {
    const text = `${showCount(foreign.length, "part")} that this camera did not record ${foreign.length === 1 ? "stands" : "stand"} ${where}.`;
    findings.push({ fault, text });
  }
  const present = parts.filter(({ state }) => state !== "missing");
  const knownEnd = Math.max(0, ...present.map(({ atBytes, part }) => atBytes + part.lengthBytes));
  const extraBytes = fileBytes - knownEnd;
  if (extraBytes > 0 && !comparison.parts.some(({ state }) => state === "missing")) {
    const text = `${showBytes(extraBytes)} follow after the last part. Nobody signed them.`;
    findings.push({ fault: "incomplete", text });
  }
  return findings;
}

function partsText(parts: readonly ComparedPart[]): string {
  const label = parts.length === 1 ? "Part" : "Parts";
  return `${label} ${listIndices(parts.map(({ part }) => part.index))}`;
}
function wasWere(parts: readonly unknown[]): string {
  return parts.length === 1 ? "was" : "were";
}
function isAre(parts: readonly unknown[]): string {
  return parts.length === 1 ? "is" : "are";
}

/** The seconds of a single part; several are told as ranges of the whole report. */
function times(parts: readonly ComparedPart[]): string {
  const [only, second] = parts;
  if (!only || second || only.part.durationMs === 0) return "";
  const { startMs, durationMs } = only.part;
  return ` (${showRange({ fromMs: startMs, toMs: startMs + durationMs })})`;
}

function timesOf({ part }: ComparedPart): { fromMs: number | null; toMs: number | null } {
  const known = part.durationMs > 0;
  return { fromMs: known ? part.startMs : null, toMs: known ? part.startMs + part.durationMs : null };
}

function partFinding(compared: ComparedPart): PartFinding {
  const { part, state, atBytes } = compared;
  const detail = {
    authentic: "",
    altered: `Its ${showBytes(part.lengthBytes)} at byte ${atBytes} do not have the hash in the ${part.by}.`,
    missing: `Its ${showBytes(part.lengthBytes)} are not in the file.`,
    moved: `It is unaltered, but stands at byte ${atBytes}, out of its order.`,
  }[state];
  const finding = state === "authentic" ? "altered" : state;
  return {
    index: part.index,
    state: finding,
    ...timesOf(compared),
    atBytes: state === "missing" ? null : atBytes,
    detail,
  };
}

function disputedFinding(index: number, comparison: Comparison): PartFinding {
  const compared = comparison.parts.find(({ part }) => part.index === index);
  const times = compared ? timesOf(compared) : { fromMs: null, toMs: null };
  const detail = "Journal and manifest say different things of it.";
  return { index, state: "disputed", ...times, atBytes: compared?.atBytes ?? null, detail };
}

function stray(state: "repeated", index: number, atBytes: number, comparison: Comparison): PartFinding {
  const compared = comparison.parts.find(({ part }) => part.index === index);
  const times = compared ? timesOf(compared) : { fromMs: null, toMs: null };
  return { index, state, ...times, atBytes, detail: `It stands a second time, at byte ${atBytes}.` };
}

/** Who names the recording by which identity. */
export interface NamedIdentity {
  readonly by: "seal" | "manifest" | "receipt";
  readonly identity: Uint8Array;
}

export async function checkIdentity(
  comparison: Comparison | null,
  named: readonly NamedIdentity[],
  facts: { readonly partsFault: Fault | null },
): Promise<Check> {
  if (!comparison || comparison.parts.length === 0) {
    return notChecked(
      "identity",
      "Without recording and parts there is no identity to compare.",
      "incomplete",
    );
  }
  const [first, ...others] = named;
  if (!first)
    return notChecked("identity", "Neither seal, manifest nor receipt names an identity.", "incomplete");
  const findings: Finding[] = [];
  for (const other of others) {
    if (equalBytes(first.identity, other.identity)) continue;
    findings.push({
      fault: "altered",
      text: `The ${first.by} and the ${other.by} name different recordings.`,
    });
  }
  const whole = comparison.fileBytes === comparison.expectedBytes;
  const found = comparison.parts.flatMap(({ part, hash }) =>
    hash ? [{ lengthBytes: part.lengthBytes, hash }] : [],
  );
  const identity = await masterIdentity(found);
  if (!whole || found.length < comparison.parts.length || !equalBytes(identity, first.identity)) {
    // Whether the bytes were changed or lack is what the check of the parts found out.
    const fault = facts.partsFault ?? "altered";
    findings.push({ fault, text: `The file as a whole is not the recording that the ${first.by} names.` });
  }
  const good = `Lengths and hashes make the identity that ${named.map(({ by }) => by).join(", ")} name.`;
  return conclude("identity", { findings, good });
}
