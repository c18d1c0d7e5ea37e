// Every overall verdict, and that each is reached for the right reason.
import { beforeAll, describe, expect, it } from "vitest";
import { type Report, type VerifyOptions, verifyExport } from "../src/index.ts";
import {
  type BuiltExport,
  type Files,
  buildExport,
  changed,
  checkOf,
  failing,
  joined,
  verifyFiles,
} from "./build-export.ts";
import { DAY_MS, type Force, NOW_MS, newForce } from "./force-fixture.ts";

let met: Force;
let other: Force;
let built: BuiltExport;

beforeAll(async () => {
  met = await newForce();
  other = await newForce("Bedfordshire Police");
  built = await buildExport(met);
});

const verify = (files: Files, options: Partial<VerifyOptions> = {}): Promise<Report> =>
  verifyFiles(met, files, options);

describe("an untouched export", () => {
  it("is intact, with every check in its order", async () => {
    const report = await verify(built.files);
    expect(report.checks.map(({ id, verdict }) => [id, verdict])).toEqual([
      ["anchor-path", "pass"],
      ["journal-signatures", "pass"],
      ["journal-chain", "pass"],
      ["seal", "pass"],
      ["parts", "pass"],
      ["identity", "pass"],
      ["manifest", "pass"],
      ["receipt", "pass"],
      ["inclusion", "pass"],
      ["revocation", "pass"],
      ["openings", "pass"],
    ]);
    expect(report).toMatchObject({
      overall: "intact",
      alteredRanges: [],
      missingRanges: [],
      authenticUntilMs: 12_000,
      judgedBy: "receipt",
      otherFiles: [],
      recording: {
        number: 7,
        cameraName: "Camera 0001",
        durationMs: 12_000,
        partCount: 7,
        stopReason: "incident over",
      },
    });
  });

  it("without openings, with another's anchor beside its own, and after its destruction is intact still", async () => {
    expect((await verify(changed(built, { "openings.cbor": null }))).overall).toBe("intact");
    expect((await verify(built.files, { anchors: [other.anchor, met.anchor] })).overall).toBe("intact");
    const destroyed = await verify((await buildExport(met, { destroyed: true })).files);
    expect(destroyed.overall).toBe("intact");
    expect(checkOf(destroyed, "destruction")).toMatchObject({ verdict: "pass" });
    expect(destroyed.recording.destroyedAtMs).toBe(NOW_MS + 2);
  });

  it("tells pauses, mutes, people told, and files that it does not know", async () => {
    const plan = {
      extra: (recording: Uint8Array, after: number) =>
        after === 1
          ? [{ kind: "people-told" as const, body: { recording, atMs: 1500 } }]
          : after === 2
            ? [
                { kind: "muted" as const, body: { recording, atMs: 4000 } },
                { kind: "unmuted" as const, body: { recording, atMs: 5000 } },
                { kind: "paused" as const, body: { recording, atMs: 5500, reason: "medical treatment" } },
                { kind: "resumed" as const, body: { recording, atMs: 5900 } },
              ]
            : [],
    };
    const busy = await buildExport(met, plan);
    const report = await verify(changed(busy, { "notes.txt": new Uint8Array(3) }));
    expect(report).toMatchObject({
      overall: "intact",
      otherFiles: ["notes.txt"],
      recording: {
        peopleToldMs: 1500,
        mutes: [{ fromMs: 4000, toMs: 5000 }],
        pauses: [{ fromMs: 5500, toMs: 5900, reason: "medical treatment" }],
      },
    });
  });

  it.each(["power-loss", "storage-full", "battery-empty", "fault"] as const)(
    "tells an unclean stop: %s",
    async (reason) => {
      const report = await verify((await buildExport(met, { reason })).files);
      expect(report).toMatchObject({ overall: "intact", recording: { uncleanStop: { reason } } });
      expect(report.sentence).toContain("unclean stop");
      expect(checkOf(report, "seal")).toMatchObject({ verdict: "warn" });
    },
  );
});

describe("trust", () => {
  it.each([
    ["without anchors", () => []],
    ["with another force's anchor", () => [other.anchor]],
  ])("%s nothing is intact", async (_, anchors) => {
    const report = await verify(built.files, { anchors: anchors() });
    expect(report).toMatchObject({ overall: "untrusted", authenticUntilMs: null });
    expect(failing(report)).toEqual(["anchor-path", "revocation"]);
  });

  it("one force's anchor does not vouch for another's recording", async () => {
    const service = (await buildExport(other)).files.get("certificates/service.pem") ?? null;
    const report = await verify(changed(built, { "certificates/service.pem": service }), {
      anchors: [met.anchor, other.anchor],
    });
    expect(report.overall).not.toBe("intact");
    expect(checkOf(report, "anchor-path")).toMatchObject({ verdict: "fail", fault: "untrusted" });
  });

  it("judges certificates as of the receipt, or of --at", async () => {
    const late = { nowMs: NOW_MS + 2000 * DAY_MS };
    expect((await verify(built.files, late)).overall).toBe("intact");
    const expired = await verify(built.files, { atMs: NOW_MS + 1000 * DAY_MS });
    expect(expired).toMatchObject({ overall: "untrusted", judgedBy: "given" });
    expect((await verify(built.files, { atMs: NOW_MS + DAY_MS })).overall).toBe("intact");
    const without = changed(built, { "receipt.cose": null });
    expect((await verify(without, late)).judgedBy).toBe("now");
    expect((await verify(without, late)).overall).toBe("untrusted");
  });

  it.each([
    [-1000, "untrusted"],
    [60_000, "intact"],
  ] as const)("a revocation %d ms from the receipt makes it %s", async (offsetMs, overall) => {
    const { serial } = met.camera.certificate;
    const crl = await met.crl([{ serial, revokedAtMs: NOW_MS + offsetMs }]);
    const report = await verify(changed(built, { "certificates/revoked.crl": crl }));
    expect(report.overall).toBe(overall);
    expect(checkOf(report, "revocation")?.verdict).toBe(overall === "intact" ? "warn" : "fail");
  });

  it("a revoked camera without a receipt is untrusted, whatever the dates", async () => {
    const { serial } = met.camera.certificate;
    const crl = await met.crl([{ serial, revokedAtMs: NOW_MS + DAY_MS }]);
    const files = changed(built, { "certificates/revoked.crl": crl, "receipt.cose": null });
    expect((await verify(files)).overall).toBe("untrusted");
  });

  it("a receipt dated back does not outlive the ledger's date", async () => {
    const dated = await buildExport(met, {
      changeReceipt: (receipt) => ({ ...receipt, receivedAtMs: NOW_MS - DAY_MS }),
    });
    const { serial } = met.camera.certificate;
    const crl = await met.crl([{ serial, revokedAtMs: NOW_MS - 3_600_000 }]);
    expect((await verify(changed(dated, { "certificates/revoked.crl": crl }))).overall).toBe("untrusted");
  });

  it("a revocation list that is missing, older than the receipt, or another's is not taken for none", async () => {
    const old = await met.crl([], NOW_MS - 3 * DAY_MS);
    for (const crl of [null, old, await other.crl([]), new Uint8Array(9)]) {
      expect((await verify(changed(built, { "certificates/revoked.crl": crl }))).overall).toBe("untrusted");
    }
  });

  it("a certificate in another's role is refused", async () => {
    const files = changed(built, {
      "certificates/camera.pem": built.files.get("certificates/service.pem") ?? null,
    });
    expect((await verify(files)).overall).toBe("untrusted");
  });

  it.each(["untrusted", "altered"] as const)("what the force took in as %s is that", async (verdict) => {
    expect((await verify((await buildExport(met, { verdict })).files)).overall).toBe(verdict);
  });
});

describe("the ledger", () => {
  it.each([
    ["identity", { identity: new Uint8Array(32) }],
    ["seal", { seal: null }],
    ["manifest", { manifest: new Uint8Array(32) }],
    ["number", { number: 8 }],
    ["verdict", { verdict: "altered" }],
    ["number of parts", { parts: 1 }],
  ])("that names another %s does not vouch for this recording", async (_, data) => {
    const other = await buildExport(met, {
      changeEntry: (entry) => ({ ...entry, data: { ...entry.data, ...data } }),
    });
    const report = await verify(other.files);
    expect(report.overall).toBe("altered");
    expect(failing(report)).toEqual(["inclusion"]);
  });

  it.each([
    ["event", { event: "recording-viewed" }],
    ["recording", { recording: new Uint8Array(16) }],
    ["camera", { camera: new Uint8Array(16) }],
    ["force", { force: new Uint8Array(16) }],
  ])("that names another %s does not either", async (_, change) => {
    const other = await buildExport(met, { changeEntry: (entry) => ({ ...entry, ...change }) });
    expect(checkOf(await verify(other.files), "inclusion")).toMatchObject({ fault: "altered" });
  });

  it("with the opening of another entry is altered", async () => {
    const twin = await buildExport(met);
    const files = changed(built, { "collected.cbor": twin.files.get("collected.cbor") ?? null });
    expect((await verify(files)).overall).toBe("altered");
  });
});

describe("another maker's file", () => {
  it("is unattested if it is unchanged", async () => {
    const imported = await buildExport(met, { format: "file" });
    const report = await verify(imported.files);
    expect(report.overall).toBe("unattested");
    expect(checkOf(report, "parts")?.verdict).toBe("pass");
    expect(checkOf(report, "inclusion")?.verdict).toBe("pass");
  });

  it("is altered if a byte is not what it was, incomplete if cut", async () => {
    const imported = await buildExport(met, { format: "file" });
    const bytes = joined(imported.parts);
    bytes[5000] = (bytes[5000] ?? 0) ^ 1;
    expect((await verify(changed(imported, { "recording.avi": bytes }))).overall).toBe("altered");
    const cut = joined(imported.parts).subarray(0, -1);
    expect((await verify(changed(imported, { "recording.avi": cut }))).overall).toBe("incomplete");
  });

  it("is not what a camera's recording becomes by losing its journal", async () => {
    const files = changed(built, { "journal.cbor": null, "certificates/camera.pem": null });
    expect((await verify(files)).overall).toBe("untrusted");
  });
});

describe("a folder with a file missing", () => {
  it("is never intact, and every check is told", async () => {
    for (const name of built.files.keys()) {
      if (["README.txt", "certificates/anchor.pem", "openings.cbor"].includes(name)) continue;
      const report = await verify(changed(built, { [name]: null }));
      expect(report.overall, name).not.toBe("intact");
      expect(report.checks.length).toBe(11);
    }
    const empty = await verify(new Map([["README.txt", new Uint8Array(1)]]));
    expect(empty.overall).toBe("untrusted");
    expect(empty.checks.every(({ verdict }) => verdict !== "pass")).toBe(true);
  });
});

describe("a path that is no export", () => {
  it("is said to be none", async () => {
    await expect(verifyExport("/nonexistent/x", { anchors: [] })).rejects.toMatchObject({
      code: "path-missing",
    });
    await expect(verifyExport(import.meta.filename, { anchors: [] })).rejects.toMatchObject({
      code: "path-not-a-folder",
    });
    await expect(verify(built.files, { anchors: [new Uint8Array(3)] })).rejects.toMatchObject({
      code: "anchors-unusable",
    });
    const leaf = met.camera.certificate.der;
    await expect(verify(built.files, { anchors: [leaf] })).rejects.toMatchObject({
      code: "anchors-unusable",
    });
  });
});
