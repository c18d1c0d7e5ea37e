// `journal-signatures` and `journal-chain`: the camera's own word, entry by entry and as a whole.
import type { ParsedCertificate } from "@sworn/custody";
import { type Finding, conclude, notChecked } from "./check.ts";
import type { Loaded } from "./load-evidence.ts";
import type { JournalReading } from "./read-journal.ts";
import type { Check } from "./report.ts";
import type { Subject } from "./subject.ts";
import { showCount } from "./show.ts";

export function checkJournal(
  subject: Subject,
  journal: Loaded<Uint8Array>,
  camera: Loaded<ParsedCertificate>,
  reading: JournalReading | null,
): [signatures: Check, chain: Check] {
  if (!subject.attested) {
    return [
      notChecked("journal-signatures", "Another maker's file: no camera signed it.", "unattested"),
      notChecked("journal-chain", "Another maker's file: it has no journal.", "unattested"),
    ];
  }
  if (journal.kind === "bad") {
    const findings: Finding[] = [{ fault: "altered", text: journal.reason }];
    return [
      conclude("journal-signatures", { findings, good: "" }),
      conclude("journal-chain", { findings, good: "" }),
    ];
  }
  if (journal.kind === "absent" || !reading) {
    return [
      notChecked(
        "journal-signatures",
        "The journal is missing (journal.cbor): the camera does not speak.",
        "incomplete",
      ),
      notChecked("journal-chain", "The journal is missing (journal.cbor).", "incomplete"),
    ];
  }
  return [signatures(camera, reading), chain(reading)];
}

function signatures(camera: Loaded<ParsedCertificate>, reading: JournalReading): Check {
  if (camera.kind !== "ok") {
    const detail = "Without the camera's certificate its signatures cannot be verified.";
    return notChecked("journal-signatures", detail, "untrusted");
  }
  const findings = [...reading.signatureFindings];
  if (reading.entries.length === 0)
    findings.push({ fault: "incomplete", text: "The journal holds no entry." });
  const good = `All ${showCount(reading.entries.length, "entry", "entries")} are signed by ${camera.value.commonName}.`;
  return conclude("journal-signatures", { findings, good });
}

function chain(reading: JournalReading): Check {
  const findings = [...reading.chainFindings];
  const first = reading.entries[0]?.entry.sequence;
  const last = reading.entries.at(-1)?.entry.sequence;
  if (first === undefined || last === undefined) {
    findings.push({ fault: "incomplete", text: "The journal holds no entry." });
  }
  const good = `Entries ${first ?? 0} to ${last ?? 0} follow each other, each naming the hash of the one before.`;
  return conclude("journal-chain", { findings, good });
}
