// The README of an export: what the folder is, and how anybody checks it without trusting who made it.
import { toHex } from "@sworn/custody";
import type { ExportRow, RecordingRow } from "./store.ts";

const instant = (at: Date | null): string => at?.toISOString() ?? "not known";

const clocks: Record<NonNullable<RecordingRow["clock"]>, string> = {
  dock: "the camera's clock was set by a dock in the same run: good to the error that the journal names",
  bounded: "between two docks: uncertain",
  unbounded: "no dock can tell: uncertain",
  stated: "as the importing person stated",
  decided: "decided by a person, for a reason that stands in the ledger",
};

const verdicts: Record<NonNullable<RecordingRow["verdict"]>, string> = {
  verified: "Every part came as the camera's signed journal promised it.",
  altered: "Some parts are NOT as the camera's journal promised them; a named person accepted it as altered.",
  unattested: "No device signed it; it is unchanged since it was imported.",
  untrusted: "It came from a device that was no longer trusted; a named person accepted it as such.",
};

export function exportReadme(given: {
  readonly row: RecordingRow;
  readonly order: ExportRow;
  readonly forceName: string;
  readonly master: string;
}): string {
  const { row, order, forceName, master } = given;
  const lines = [
    `Recording ${row.id}`,
    "",
    `Force:      ${forceName}`,
    ...(row.camera_id === null
      ? []
      : [`Camera:     ${row.camera_id}, recording number ${String(row.number)}`]),
    ...(row.file_name === null ? [] : [`File:       ${row.file_name}`]),
    `Recorded:   ${instant(row.recorded_start_at)} to ${instant(row.recorded_end_at)}`,
    `            (${row.clock === null ? "the time is not known" : clocks[row.clock]})`,
    `Received:   ${instant(row.received_at)}`,
    `Identity:   ${row.identity === null ? "none" : toHex(row.identity)}`,
    `Verdict:    ${row.verdict === null ? "none" : verdicts[row.verdict]}`,
    ...(row.seal_reason === null || row.seal_reason === "stopped"
      ? []
      : [`It ended with: ${row.seal_reason}`]),
    "",
    `Exported:   ${instant(order.created_at)}`,
    `Recipient:  ${order.recipient}`,
    `Purpose:    ${order.purpose}`,
    "",
    "Contents",
    `  ${master.padEnd(22)} the recording; it plays in any player`,
    ...(row.camera_id === null ? [] : ["  journal.cbor           what the camera signed while it recorded"]),
    "  manifest.cose          what was stored, signed by the force",
    "  receipt.cose           the force's receipt, with its proof that the public ledger holds it",
    "  collected.cbor         the ledger entry itself",
    "  certificates/          for convenience: trust only an anchor that you had from the force by another way",
    "",
    "To check it, without a network and without trusting whoever gave it to you:",
    "  npx sworn verify . --anchors anchors.pem",
    "where anchors.pem is the force's published anchor. The format is public (docs/reference/evidence-format.md),",
    "so that anybody can write another verifier.",
    "",
  ];
  return lines.join("\n");
}
