// What a verification says: every check with its verdict, and one overall verdict that follows from them (§12).

export type Overall = "intact" | "altered" | "untrusted" | "incomplete" | "unattested";
/** What a check that did not pass makes of the whole. */
export type Fault = Exclude<Overall, "intact">;

/** The first that applies is the overall verdict. */
export const FAULT_ORDER: readonly Fault[] = ["altered", "untrusted", "incomplete", "unattested"];

export type CheckId =
  | "anchor-path"
  | "journal-signatures"
  | "journal-chain"
  | "seal"
  | "parts"
  | "identity"
  | "manifest"
  | "receipt"
  | "inclusion"
  | "revocation"
  | "openings"
  | "destruction";

export const CHECK_TITLES: Readonly<Record<CheckId, string>> = {
  "anchor-path": "Certificates lead to a given anchor",
  "journal-signatures": "The camera signed its journal",
  "journal-chain": "The journal is one unbroken chain",
  seal: "The recording is sealed",
  parts: "Each part is as it was recorded",
  identity: "The whole is the recording that was sealed",
  manifest: "The manifest is the force's",
  receipt: "The receipt is the force's",
  inclusion: "The ledger holds its receipt",
  revocation: "No certificate was revoked before",
  openings: "What is told in the open was signed",
  destruction: "The certificate of destruction is good",
};

export type CheckVerdict = "pass" | "fail" | "warn" | "not-checked";

/** One part that is not where and what it should be. `index` null: it is none of this recording's. */
export interface PartFinding {
  readonly index: number | null;
  readonly state: "altered" | "missing" | "moved" | "repeated" | "foreign" | "disputed";
  /** On the recording's media time; null where no time is known. */
  readonly fromMs: number | null;
  readonly toMs: number | null;
  /** Where in the recording's file, bytes; null for what is not there. */
  readonly atBytes: number | null;
  readonly detail: string;
}

export interface Check {
  readonly id: CheckId;
  readonly title: string;
  readonly verdict: CheckVerdict;
  /** The first thing to know, one sentence or two. */
  readonly detail: string;
  /** Everything further that was found. */
  readonly notes: readonly string[];
  /** What this check makes of the whole; null if nothing. */
  readonly fault: Fault | null;
  readonly parts?: readonly PartFinding[];
}

export interface MediaRange {
  readonly fromMs: number;
  readonly toMs: number;
  readonly parts: readonly number[];
}

export interface ReportedSpan {
  readonly fromMs: number;
  readonly toMs: number | null;
  readonly reason?: string;
}

/** As the evidence tells it; how far that is to be believed is the verdict's matter. */
export interface ReportedRecording {
  readonly id: string | null;
  readonly number: number | null;
  readonly force: string | null;
  readonly forceName: string | null;
  readonly camera: string | null;
  readonly cameraName: string | null;
  readonly format: "cmaf" | "file" | null;
  /** Corrected time where the manifest gives one, else by the camera's own clock. */
  readonly startedAtMs: number | null;
  readonly endedAtMs: number | null;
  readonly clock: "dock" | "bounded" | "unbounded" | "stated" | "camera" | null;
  readonly receivedAtMs: number | null;
  readonly durationMs: number | null;
  readonly partCount: number | null;
  readonly lengthBytes: number | null;
  readonly identity: string | null;
  readonly stopReason: string | null;
  readonly uncleanStop: { readonly reason: string; readonly text: string } | null;
  readonly pauses: readonly ReportedSpan[];
  readonly mutes: readonly ReportedSpan[];
  readonly peopleToldMs: number | null;
  readonly destroyedAtMs: number | null;
}

export interface Report {
  readonly overall: Overall;
  readonly sentence: string;
  /** As which moment certificates were judged, and by what that moment was chosen. */
  readonly judgedAtMs: number;
  readonly judgedBy: "given" | "receipt" | "now";
  readonly anchors: readonly { readonly name: string; readonly sha256: string }[];
  readonly checks: readonly Check[];
  readonly recording: ReportedRecording;
  readonly alteredRanges: readonly MediaRange[];
  readonly missingRanges: readonly MediaRange[];
  /** Up to here all is authentic, on media time; null if nothing is. */
  readonly authenticUntilMs: number | null;
  /** Files in the folder that no check covers. */
  readonly otherFiles: readonly string[];
}
