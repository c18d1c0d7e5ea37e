// The README of an export: for somebody who never heard of Sworn and has to rely on what is in the folder. Plain
// English, and no line of the fixed text is longer than 78 characters.
import { toHex } from "@sworn/custody";
import type { ExportRow, RecordingRow } from "./store.ts";

const instant = (at: Date | null): string => at?.toISOString() ?? "not known";

const clocks: Record<NonNullable<RecordingRow["clock"]>, string> = {
  dock: "a dock set the camera's clock in the same run: good to the error\nthat the journal names",
  bounded: "between two docks: uncertain",
  unbounded: "no dock can tell: uncertain",
  stated: "as the importing person stated",
  decided: "decided by a person, for a reason that stands in the ledger",
};

const verdicts: Record<NonNullable<RecordingRow["verdict"]>, string> = {
  verified: "Every part came as the camera's signed journal promised it.",
  altered:
    "Some parts are NOT as the camera's journal promised them;\na named person accepted it as altered.",
  unattested: "No device signed it; it is unchanged since it was imported.",
  untrusted: "It came from a device that was no longer trusted;\na named person accepted it as such.",
};

export interface ReadmeFacts {
  readonly row: Pick<
    RecordingRow,
    | "id"
    | "camera_id"
    | "number"
    | "file_name"
    | "recorded_start_at"
    | "recorded_end_at"
    | "clock"
    | "received_at"
    | "identity"
    | "verdict"
    | "seal_reason"
  >;
  readonly order: Pick<ExportRow, "created_at" | "recipient" | "purpose">;
  readonly forceName: string;
  /** The name of the master's file. */
  readonly master: string;
  /** SHA-256 of the anchor's DER. */
  readonly anchorHash: Uint8Array;
  readonly hasOpenings: boolean;
}

const indented = (text: string): string => text.replaceAll("\n", "\n            ");

function factLines({ row, order, forceName }: ReadmeFacts): string[] {
  return [
    `Force:      ${forceName}`,
    ...(row.camera_id === null
      ? []
      : [`Camera:     ${row.camera_id}, recording number ${String(row.number)}`]),
    ...(row.file_name === null ? [] : [`File:       ${row.file_name}`]),
    `Recorded:   ${instant(row.recorded_start_at)} to ${instant(row.recorded_end_at)}`,
    `            (${row.clock === null ? "the time is not known" : indented(clocks[row.clock])})`,
    `Received:   ${instant(row.received_at)}`,
    `Identity:   ${indented(row.identity === null ? "none" : inTwoLines(row.identity))}`,
    `Verdict:    ${row.verdict === null ? "none" : indented(verdicts[row.verdict])}`,
    ...(row.seal_reason === null || row.seal_reason === "stopped" ? [] : [`Ended with: ${row.seal_reason}`]),
    "",
    `Exported:   ${instant(order.created_at)}`,
    `Recipient:  ${order.recipient}`,
    `Purpose:    ${order.purpose}`,
  ];
}

function inTwoLines(hash: Uint8Array): string {
  const text = toHex(hash);
  return `${text.slice(0, 32)}\n${text.slice(32)}`;
}

function fileLines({ row, master, hasOpenings }: ReadmeFacts): string[] {
  const files: [name: string, use: string][] = [
    [master, "the recording itself; any player plays it"],
    ...(row.camera_id === null
      ? []
      : [["journal.cbor", "what the camera said and signed while it recorded"] as [string, string]]),
    ...(hasOpenings
      ? [["openings.cbor", "what is personal in that, where it may be seen"] as [string, string]]
      : []),
    ["manifest.cose", "what the force stored: each part, its length and its hash"],
    ["receipt.cose", "the force's signed receipt, with the ledger's proof"],
    ["collected.cbor", "the entry that the force's ledger holds of it"],
    ["certificates/", "who signed, and which of them was revoked"],
  ];
  return files.map(([name, use]) => `  ${name.padEnd(18)}${use}`);
}

export function exportReadme(facts: ReadmeFacts): string {
  const { row, forceName, anchorHash } = facts;
  const isSigned = row.camera_id !== null;
  return `RECORDING ${row.id}

${factLines(facts).join("\n")}

WHAT THIS IS

This folder holds one recording and everything needed to check it.
${
  isSigned
    ? `It was made by a body-worn camera that signed each two seconds of it as it
recorded. Any change, cut or addition since then can be found by anybody.`
    : `It was made by a device that signs nothing. What can be shown is that it has
not changed since it was received, not what it was before. It came to
${forceName}.`
}

HOW TO CHECK IT

You need the verifier, which is free, works without a network and sends
nothing to anybody, and the force's anchor: a small file, anchors.pem.

Do not take the anchor from this folder. Whoever could change the recording
could put another anchor here too. Get it from the force, from the court or
from a public place, and compare its fingerprint with somebody you trust.
The anchor that signed this export has the SHA-256 fingerprint

  ${inTwoLines(anchorHash).replace("\n", "\n  ")}

Then run, in the folder that holds this one:

  npx sworn verify ${row.id} --anchors anchors.pem

It makes each check, says what came of it, and gives one verdict:
${isSigned ? "" : "\n(For this recording the best that can be is UNATTESTED.)\n"}
  INTACT       every second is exactly what the camera recorded and sealed
  ALTERED      something was changed; it says which part and which seconds
  INCOMPLETE   something is missing; it says up to where all is authentic
  UNTRUSTED    nobody you trust vouches for who signed it
  UNATTESTED   no camera signed it; unchanged since the force received it

It ends with the exit code 0 only for INTACT. Every file but this README is
checked, so please copy the folder as a whole and change nothing in it.

WHAT EACH FILE IS

${fileLines(facts).join("\n")}

The format is public: docs/reference/evidence-format.md of Sworn describes it
so that anybody can write a verifier of their own, and
docs/reference/verification.md tells how to check much of it by hand.
`;
}
