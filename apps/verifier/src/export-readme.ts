// The README of an exported folder: for somebody who never heard of Sworn and has to rely on what is in it.
import { showDate } from "./show.ts";

export interface ReadmeFacts {
  /** UUID text, as the folder is named. */
  readonly recordingId: string;
  /** A camera's count of its recordings; null for another maker's file. */
  readonly number: number | null;
  readonly forceName: string;
  readonly cameraName: string | null;
  readonly startedAtMs: number | null;
  readonly exportedAtMs: number;
  /** `recording.mp4`, or `recording.<ext>` for another maker's file. */
  readonly recordingFile: string;
  /** Lower-case hex of the SHA-256 of the anchor's DER. */
  readonly anchorSha256: string;
  readonly hasOpenings: boolean;
  readonly isDestroyed: boolean;
}

/** Plain English, wrapped at 78 characters, with a final newline. */
export function exportReadme(facts: ReadmeFacts): string {
  const attested = facts.cameraName !== null;
  const number =
    facts.number === null ? "" : `, number ${facts.number} of ${facts.cameraName ?? "its camera"}`;
  const begun = facts.startedAtMs === null ? "" : `\nIt began at ${showDate(facts.startedAtMs)}.`;
  const what = attested
    ? `It was made by a body-worn camera that signed each two seconds of it as it
recorded. Any change, cut or addition since then can be found by anybody.`
    : `It was made by a device that signs nothing. What can be shown is that it has
not changed since ${facts.forceName} received it, not what it was before.`;
  const files: [string, string][] = [
    [facts.recordingFile, "the recording itself; any player plays it"],
    ...(attested
      ? [["journal.cbor", "what the camera said and signed while it recorded"] as [string, string]]
      : []),
    ...(facts.hasOpenings
      ? [["openings.cbor", "details of it that are personal and that you may see"] as [string, string]]
      : []),
    ["manifest.cose", "what the force stored: each part, its length and its hash"],
    ["receipt.cose", "the force's signed receipt, with the ledger's proof"],
    ["collected.cbor", "the entry that the force's ledger holds of it"],
    ["certificates/", "who signed, and which of them was revoked"],
    ...(facts.isDestroyed
      ? [["destruction.cose", "the certificate that the force destroyed its own master"] as [string, string]]
      : []),
  ];
  return `RECORDING ${facts.recordingId}
from ${facts.forceName}${number}
${begun}
Exported at ${showDate(facts.exportedAtMs)}.

WHAT THIS IS

This folder holds one recording and everything needed to check it.
${what}

HOW TO CHECK IT

You need the verifier, which is free, works without a network and sends
nothing to anybody, and the force's anchor: a small file, anchors.pem.

Do not take the anchor from this folder. Whoever could change the recording
could put another anchor here too. Get it from the force, from the court or
from a public place, and compare its fingerprint with somebody you trust.
The anchor that signed this export has the SHA-256 fingerprint

  ${facts.anchorSha256.slice(0, 32)}
  ${facts.anchorSha256.slice(32)}

Then run, in the folder that holds this one:

  sworn-verify ${facts.recordingId} --anchors anchors.pem

It makes each check, says what came of it, and gives one verdict:
${attested ? "" : "\n(For this recording the best that can be is UNATTESTED.)\n"}
  INTACT       every second is exactly what the camera recorded and sealed
  ALTERED      something was changed; it says which part and which seconds
  INCOMPLETE   something is missing; it says up to where all is authentic
  UNTRUSTED    nobody you trust vouches for who signed it
  UNATTESTED   no camera signed it; unchanged since the force received it

It ends with the exit code 0 only for INTACT. Every file but this README is
checked, so please copy the folder as a whole and change nothing in it.

WHAT EACH FILE IS

${files.map(([name, use]) => `  ${name.padEnd(18)}${use}`).join("\n")}

The format is public: docs/reference/evidence-format.md of Sworn describes it
so that anybody can write a verifier of their own, and
docs/reference/verification.md tells how to check much of it by hand.
`;
}
