// The classes that a new force begins with. They are data: every period is changed by a proposal and a second person,
// and each says where it comes from. "Not read at its source" marks what a force must check before it relies on it.
// No class is shorter than the default, so that no classification destroys sooner than none would.

export interface DefaultClass {
  readonly class: string;
  readonly title: string;
  /** Null: no clock; kept until it is reclassified, and reviewed. */
  readonly periodDays: number | null;
  readonly reviewDays: number | null;
  readonly citation: string;
}

const notRead = "Not read at its source; check before relying on it.";
const month = "Metropolitan Police, body-worn video: not needed as evidence, destroyed within 31 days.";
const cpia = `CPIA 1996 s.23 Code of Practice, retention: until no further action, acquittal, or the later of release and six months from conviction, and until any appeal has ended. ${notRead}`;

const clocked = (key: string, title: string, periodDays: number, citation: string): DefaultClass => ({
  class: key,
  title,
  periodDays,
  reviewDays: null,
  citation,
});
const reviewed = (key: string, title: string, citation: string): DefaultClass => ({
  class: key,
  title,
  periodDays: null,
  reviewDays: 365,
  citation,
});

export const defaultClasses: readonly DefaultClass[] = [
  clocked("non-evidential", "Not evidential", 31, month),
  clocked("accidental", "Recorded by accident", 31, month),
  clocked("training", "Training", 31, month),
  clocked("function-check", "Check of the camera", 31, month),
  clocked(
    "stop-and-search",
    "Stop and search",
    366,
    `Police (Complaints and Misconduct) Regulations: twelve months to complain. HMICFRS 2021 rec. 3. ${notRead}`,
  ),
  clocked(
    "use-of-force",
    "Use of force",
    366,
    `Police (Complaints and Misconduct) Regulations: twelve months to complain. HMICFRS 2021 rec. 3. ${notRead}`,
  ),
  clocked(
    "mental-health-unit",
    "Assistance in a mental health unit",
    1_096,
    `Mental Health Units (Use of Force) Act 2018 ss.6 and 12: records are kept three years. ${notRead}`,
  ),
  clocked(
    "traffic",
    "Traffic",
    184,
    `Magistrates' Courts Act 1980 s.127: six months to begin proceedings for a summary offence. ${notRead}`,
  ),
  clocked(
    "domestic-abuse",
    "Domestic abuse",
    2_192,
    `Management of Police Information, review group 3: six years clear. ${notRead}`,
  ),
  reviewed("evidential", "Evidence in a case", cpia),
  reviewed("serious-crime", "Serious crime or a death", `${cpia} MoPI review group 1.`),
];
