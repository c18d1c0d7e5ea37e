// The README of an export is read by people who know nothing of Sworn, on paper as well.
import { describe, expect, it } from "vitest";
import { exportReadme, type ReadmeFacts } from "../../src/evidence/export-readme.ts";

const at = new Date(Date.UTC(2026, 0, 15, 12));
const facts: ReadmeFacts = {
  row: {
    id: "5d9868fb-5853-4334-b638-19ed32d50c9e" as ReadmeFacts["row"]["id"],
    camera_id: "0198c1f2-0000-7000-8000-000000000001" as ReadmeFacts["row"]["camera_id"],
    number: 7,
    file_name: null,
    recorded_start_at: at,
    recorded_end_at: at,
    clock: "dock",
    received_at: at,
    identity: new Uint8Array(32).fill(0xab),
    verdict: "verified",
    seal_reason: "power-loss",
  },
  order: { created_at: at, recipient: "CPS London North", purpose: "Charging decision" },
  forceName: "Metropolitan Police",
  master: "recording.mp4",
  anchorHash: new Uint8Array(32).fill(0xcd),
  hasOpenings: true,
};
const widest = (text: string): number => Math.max(...text.split("\n").map((line) => line.length));

describe("the README of an export", () => {
  it("is narrow, and says what each file is and how to check it", () => {
    const readme = exportReadme(facts);
    expect(widest(readme)).toBeLessThanOrEqual(78);
    expect(readme.endsWith("\n")).toBe(true);
    for (const name of ["recording.mp4", "journal.cbor", "openings.cbor", "collected.cbor", "--anchors"]) {
      expect(readme).toContain(name);
    }
    for (const fact of ["CPS London North", "Charging decision", "power-loss", "cd".repeat(16)])
      expect(readme).toContain(fact);
    expect(exportReadme({ ...facts, hasOpenings: false })).not.toContain("openings.cbor");
  });

  it.each(["verified", "altered", "unattested", "untrusted"] as const)("is narrow for %s too", (verdict) => {
    for (const clock of ["dock", "bounded", "unbounded", "stated", "decided", null] as const) {
      const readme = exportReadme({ ...facts, row: { ...facts.row, verdict, clock, identity: null } });
      expect(widest(readme)).toBeLessThanOrEqual(78);
    }
  });

  it("promises no more of another maker's file than it can", () => {
    const row = { ...facts.row, camera_id: null, number: null, file_name: "shop.avi" };
    const imported = exportReadme({ ...facts, row, master: "recording.avi", hasOpenings: false });
    expect(imported).not.toContain("journal.cbor");
    expect(imported).toContain("UNATTESTED");
    expect(imported).toContain("recording.avi");
    expect(widest(imported)).toBeLessThanOrEqual(78);
  });
});
