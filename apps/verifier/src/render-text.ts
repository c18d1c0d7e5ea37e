// The report for a person: the verdict first, then what the recording is, then every check.
import type { Check, CheckVerdict, Overall, PartFinding, Report, ReportedSpan } from "./report.ts";
import { showBytes, showCount, showDate, showMediaTime, showRange } from "./show.ts";
import { type Style, hang, painter, plain, wrap } from "./text-layout.ts";

export interface TextOptions {
  /** Width in characters; 80 by default. */
  readonly columns?: number;
  readonly colour?: boolean;
}

const MARGIN = "  ";
const WORDS_WIDTH = 13;
const PARTS_SHOWN = 12;
const NOTES_SHOWN = 10;

const VERDICTS: Readonly<Record<CheckVerdict, { readonly word: string; readonly style: Style }>> = {
  pass: { word: "ok", style: "green" },
  warn: { word: "note", style: "yellow" },
  fail: { word: "FAILED", style: "red" },
  "not-checked": { word: "not done", style: "yellow" },
};
const OVERALL_STYLE: Readonly<Record<Overall, Style>> = {
  intact: "green",
  altered: "red",
  untrusted: "red",
  incomplete: "yellow",
  unattested: "yellow",
};
const CLOCKS: Readonly<Record<string, string>> = {
  dock: "clock set by a dock",
  bounded: "uncertain, but bounded by docks",
  unbounded: "uncertain",
  stated: "as stated by a person",
  camera: "by the camera's own clock",
};

/** The whole report, ending with a newline. */
export function renderText(report: Report, options: TextOptions = {}): string {
  const columns = Math.max(40, options.columns ?? 80);
  const paint = painter(options.colour ?? false);
  const rule = paint("dim", "─".repeat(columns));
  const lines = [
    "",
    MARGIN + paint(OVERALL_STYLE[report.overall], paint("bold", report.overall.toUpperCase())),
    ...wrap(report.sentence, columns - 4).map((line) => MARGIN + line),
    "",
    rule,
    ...recordingLines(report, columns),
    rule,
    ...report.checks.flatMap((check) => checkLines(check, columns, paint)),
    rule,
    ...closing(report, columns),
  ];
  return `${lines.join("\n")}\n`;
}

function recordingLines({ recording: told, ...report }: Report, columns: number): string[] {
  const rows: [string, string | null][] = [
    ["Recording", told.id && (told.number === null ? told.id : `${told.id}, number ${told.number}`)],
    ["Camera", told.camera && (told.cameraName ? `${told.cameraName} (${told.camera})` : told.camera)],
    ["Force", told.forceName ?? told.force],
    [
      "Began",
      told.startedAtMs === null ? null : `${showDate(told.startedAtMs)}, ${CLOCKS[told.clock ?? ""] ?? ""}`,
    ],
    ["Length", lengthOf(told.durationMs, told.partCount, told.lengthBytes)],
    ["Ended", told.uncleanStop?.text ?? (told.stopReason ? `stopped: ${told.stopReason}` : null)],
    ["People told", told.format === "cmaf" ? toldText(told.peopleToldMs) : null],
    ["Paused", spans(told.pauses)],
    ["Muted", spans(told.mutes)],
    ["Received", told.receivedAtMs === null ? null : showDate(told.receivedAtMs)],
    ["Destroyed", told.destroyedAtMs === null ? null : `the force's master, ${showDate(told.destroyedAtMs)}`],
    ["Identity", told.identity],
    ["Altered", ranges(report.alteredRanges)],
    ["Missing", ranges(report.missingRanges)],
    [
      "Authentic",
      report.authenticUntilMs === null
        ? null
        : `from the beginning to ${showMediaTime(report.authenticUntilMs)}`,
    ],
  ];
  return rows.flatMap(([name, value]) =>
    value === null ? [] : hang(MARGIN + name.padEnd(WORDS_WIDTH), value, columns),
  );
}

function toldText(atMs: number | null): string {
  return atMs === null ? "nothing says that those present were told" : `at ${showMediaTime(atMs)}`;
}

function lengthOf(durationMs: number | null, parts: number | null, bytes: number | null): string | null {
  const told = [
    durationMs ? showMediaTime(durationMs) : null,
    parts === null ? null : showCount(parts, "part"),
    bytes === null ? null : showBytes(bytes),
  ].filter((text) => text !== null);
  return told.length > 0 ? told.join(", ") : null;
}

function spans(told: readonly ReportedSpan[]): string | null {
  if (told.length === 0) return null;
  return told
    .map(({ fromMs, toMs, reason }) => {
      const when = toMs === null ? `from ${showMediaTime(fromMs)} to the end` : showRange({ fromMs, toMs });
      return reason ? `${when} (${reason})` : when;
    })
    .join("; ");
}

function ranges(told: Report["alteredRanges"]): string | null {
  return told.length > 0 ? told.map(showRange).join(", ") : null;
}

type Paint = ReturnType<typeof painter>;

function checkLines(check: Check, columns: number, paint: Paint): string[] {
  const { word, style } = VERDICTS[check.verdict];
  const indent = " ".repeat(MARGIN.length + 10);
  const head = MARGIN + paint(style, word.padEnd(10)) + paint("bold", plain(check.title));
  const width = columns - 2;
  const notes = check.notes.slice(0, NOTES_SHOWN);
  const more = check.notes.length - notes.length;
  return [
    head,
    ...hang(indent, check.detail, width),
    ...notes.flatMap((note) => hang(`${indent}· `, note, width)),
    ...(more > 0 ? [`${indent}· and ${more} more`] : []),
    ...partLines(check.parts ?? [], indent, width),
  ];
}

function partLines(parts: readonly PartFinding[], indent: string, width: number): string[] {
  const shown = parts.slice(0, PARTS_SHOWN).flatMap((part) => {
    const name = part.index === null ? part.state : `part ${part.index}, ${part.state}`;
    const when =
      part.fromMs === null || part.toMs === null
        ? ""
        : `, ${showRange({ fromMs: part.fromMs, toMs: part.toMs })}`;
    return hang(`${indent}· `, `${name}${when}. ${part.detail}`, width);
  });
  const more = parts.length - PARTS_SHOWN;
  return more > 0 ? [...shown, `${indent}· and ${more} more; --json lists them all`] : shown;
}

function closing(report: Report, columns: number): string[] {
  const by = {
    given: "as you asked",
    receipt: "the time of the receipt",
    now: "now, as there is no receipt",
  };
  const lines = hang(
    MARGIN,
    `Certificates judged as of ${showDate(report.judgedAtMs)} (${by[report.judgedBy]}).`,
    columns - 2,
  );
  for (const { name, sha256 } of report.anchors) {
    lines.push(...hang(MARGIN, `Anchor given: ${name}, SHA-256 ${sha256}.`, columns - 2));
  }
  if (report.anchors.length > 0) {
    lines.push(
      ...hang(MARGIN, "Compare it with the one the force publishes: all else rests on it.", columns - 2),
    );
  }
  if (report.otherFiles.length > 0) {
    const names = report.otherFiles.slice(0, 10).join(", ");
    const more = report.otherFiles.length > 10 ? ` and ${report.otherFiles.length - 10} more` : "";
    lines.push(...hang(MARGIN, `Not part of the evidence, and not checked: ${names}${more}.`, columns - 2));
  }
  return lines;
}
