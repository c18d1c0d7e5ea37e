// `openings`: what is told in the open of officer, position or reason is exactly what the camera committed to.
import { COMMITMENT_LABELS, decodeSequencedOpening, opensCommitment } from "@sworn/custody";
import { splitCborSequence } from "./cbor-sequence.ts";
import { type Finding, conclude, notChecked } from "./check.ts";
import { type Loaded, attempt } from "./load-evidence.ts";
import type { JournalReading } from "./read-journal.ts";
import type { Check } from "./report.ts";
import { showCount } from "./show.ts";

/** More than the entries of the longest recording. */
const OPENINGS_MAXIMUM = 262_144;
const NAMED_MAXIMUM = 20;

export async function checkOpenings(
  openings: Loaded<Uint8Array>,
  journal: JournalReading | null,
): Promise<Check> {
  if (openings.kind === "absent") {
    return notChecked("openings", "Nothing personal was handed over in the open (no openings.cbor).", null);
  }
  if (openings.kind === "bad") {
    return conclude("openings", { findings: [{ fault: "altered", text: openings.reason }], good: "" });
  }
  const split = await attempt(() =>
    splitCborSequence(openings.value, OPENINGS_MAXIMUM).map(decodeSequencedOpening),
  );
  if (split.kind === "bad") {
    return conclude("openings", { findings: [{ fault: "altered", text: split.reason }], good: "" });
  }
  const bySequence = new Map(journal?.entries.map(({ entry }) => [entry.sequence, entry]));
  const seen = new Set<number>();
  const findings: Finding[] = [];
  for (const { sequence, opening } of split.value) {
    const entry = bySequence.get(sequence);
    const sealed = entry?.sealed;
    const problem = seen.has(sequence)
      ? "is there twice"
      : !sealed
        ? "opens nothing: the journal has no such commitment"
        : (await opensCommitment(COMMITMENT_LABELS.journal, opening, sealed))
          ? null
          : "does not fit what the camera committed to";
    seen.add(sequence);
    // An entry that lacks is the journal's hole, not a change of the opening.
    const fault = entry ? "altered" : "incomplete";
    if (problem) findings.push({ fault, text: `The opening of entry ${sequence} ${problem}.` });
  }
  const shown = findings.slice(0, NAMED_MAXIMUM);
  const more = findings.length - shown.length;
  if (more > 0) shown.push({ fault: "altered", text: `And ${more} more.` });
  const good = `${showCount(split.value.length, "opening")} fit what the camera committed to.`;
  return conclude("openings", { findings: shown, good });
}
