// Builds real export folders, as the format's §11 lays them out, with every key of a force of its own.
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createHash, randomBytes } from "node:crypto";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import {
  type Part,
  type PrivateEntry,
  type Receipt,
  encodeLeaf,
  encodeOpening,
  encodeOpenings,
  encodePem,
  encodeSegment,
  entryDetails,
  masterIdentity,
  newId,
  newOpening,
  partToRow,
  sha256,
  signDestruction,
  signManifest,
  signReceipt,
  totalBytes,
} from "@sworn/custody";
import {
  type Sha256,
  encodeCheckpoint,
  encodeTlogProof,
  hashLeaf,
  nodesFromLeafHashes,
  proveInclusion,
  rootOfLeafHashes,
  signNote,
} from "@sworn/ledger";
import { type BuiltJournal, type JournalPlan, FRAGMENT_MS, buildJournal, partOf } from "./build-journal.ts";
import { type Force, NOW_MS } from "./force-fixture.ts";
import { type Check, type CheckId, type Report, type VerifyOptions, verifyExport } from "../src/index.ts";

export type Files = Map<string, Uint8Array>;

export interface ExportPlan extends Partial<JournalPlan> {
  readonly fragments?: number;
  /** Of the media in each fragment; small and different unless given. */
  readonly fragmentBytes?: number;
  readonly format?: "cmaf" | "file";
  readonly verdict?: Receipt["verdict"];
  readonly receivedAtMs?: number;
  readonly destroyed?: boolean;
  /** Changes what the ledger is told. */
  readonly changeEntry?: (entry: PrivateEntry) => PrivateEntry;
  readonly changeReceipt?: (receipt: Receipt) => Receipt;
}

export interface BuiltExport {
  readonly files: Files;
  readonly recording: Uint8Array;
  /** The plaintext of each part. */
  readonly parts: readonly Uint8Array[];
  readonly journal: BuiltJournal | null;
}

const hash: Sha256 = (data) => new Uint8Array(createHash("sha256").update(data).digest());
const text = (value: string): Uint8Array => new TextEncoder().encode(value);

function box(type: string, payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(8 + payload.length);
  new DataView(bytes.buffer).setUint32(0, bytes.length);
  bytes.set(text(type), 4);
  bytes.set(payload, 8);
  return bytes;
}

export function joined(parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

const random = (size: number): Uint8Array => new Uint8Array(randomBytes(size));

/** A part as a camera lays it out: `ftyp`+`moov`, or `moof`+`mdat`. */
export function makePart(index: number, sizeBytes = 900 + 37 * index): Uint8Array {
  return index === 0
    ? joined([box("ftyp", random(16)), box("moov", random(300))])
    : joined([box("moof", random(100)), box("mdat", random(sizeBytes))]);
}

/** The leaf among others, and its proof under a signed checkpoint. */
async function includeLeaf(force: Force, leaf: Uint8Array): Promise<string> {
  const leaves = [...Array.from({ length: 5 }, () => random(60)), leaf, random(60)];
  const hashes = leaves.map((bytes) => hashLeaf(hash, bytes));
  const size = hashes.length;
  const origin = force.ledger.verifier.name;
  const root = rootOfLeafHashes(hash, hashes);
  const checkpoint = await signNote(encodeCheckpoint({ origin, size, root, extensions: [] }), [force.ledger]);
  const path = await proveInclusion(hash, nodesFromLeafHashes(hash, hashes), { index: 5, size });
  return encodeTlogProof({ index: 5, hashes: path, checkpoint });
}

export async function buildExport(force: Force, plan: ExportPlan = {}): Promise<BuiltExport> {
  const { fragments = 6, format = "cmaf", receivedAtMs = NOW_MS } = plan;
  const isFile = format === "file";
  const verdict = plan.verdict ?? (isFile ? "unattested" : "verified");
  const recording = newId();
  const parts = isFile
    ? Array.from({ length: fragments }, (_, index) => random(index === fragments - 1 ? 100 : 4096))
    : Array.from({ length: fragments + 1 }, (_, index) => makePart(index, plan.fragmentBytes));
  const rows: Part[] = await Promise.all(parts.map(partOf));
  const { reason = "stopped", sealed = true, tellPart, extra } = plan;
  const journal = isFile
    ? null
    : await buildJournal(force, recording, rows, {
        reason,
        sealed,
        ...(tellPart ? { tellPart } : {}),
        ...(extra ? { extra } : {}),
      });
  const camera = isFile ? null : force.cameraId;
  const number = isFile ? null : 7;
  const identity = await masterIdentity(rows);
  const subject = { force: force.id, camera, recording, number, identity };
  const manifest = await signManifest(
    {
      ...subject,
      format,
      verdict,
      receivedAtMs,
      parts: rows.map((part, index) => {
        const first = isFile || index === 0;
        return partToRow({
          ...part,
          startMs: first ? 0 : (index - 1) * FRAGMENT_MS,
          durationMs: first ? 0 : FRAGMENT_MS,
        });
      }),
      recordedStartMs: receivedAtMs - 3_600_000,
      recordedEndMs: receivedAtMs - 3_600_000 + fragments * FRAGMENT_MS,
      clock: isFile ? "stated" : "dock",
      seal: journal?.seal ?? null,
      object: "objects/1",
    },
    force.service.signer,
  );
  const manifestHash = await sha256(manifest);
  const entry: PrivateEntry = {
    force: force.id,
    event: "recording-collected",
    atMs: receivedAtMs + 1500,
    actor: { system: "ingest" },
    recording,
    ...(camera ? { camera } : {}),
    data: {
      identity,
      number,
      parts: rows.length,
      manifest: manifestHash,
      seal: journal?.seal ?? null,
      verdict,
    },
  };
  const opening = newOpening(entryDetails(plan.changeEntry?.(entry) ?? entry));
  const leaf = await encodeLeaf(opening);
  const receipt: Receipt = {
    ...subject,
    parts: rows.length,
    ...totalBytes(rows),
    verdict,
    receivedAtMs,
    manifest: manifestHash,
    entry: leaf,
    proof: await includeLeaf(force, leaf),
  };
  const pem = (der: Uint8Array): Uint8Array => text(encodePem("CERTIFICATE", der));
  const files: Files = new Map([
    [isFile ? "recording.avi" : "recording.mp4", joined(parts)],
    ["manifest.cose", manifest],
    ["receipt.cose", await signReceipt(plan.changeReceipt?.(receipt) ?? receipt, force.service.signer)],
    ["collected.cbor", encodeOpening(opening)],
    ["certificates/anchor.pem", pem(force.anchor)],
    ["certificates/service.pem", pem(force.service.certificate.der)],
    ["certificates/ledger.pem", pem(force.ledgerCertificate.der)],
    ["certificates/revoked.crl", await force.crl([])],
    ["README.txt", text("read me")],
  ]);
  if (journal) {
    files.set("journal.cbor", journalFile(journal.entries));
    files.set("openings.cbor", encodeOpenings(journal.openings));
    files.set("certificates/camera.pem", pem(force.camera.certificate.der));
  }
  if (plan.destroyed) {
    const ordered = newOpening(
      entryDetails({
        force: force.id,
        event: "destroy-ordered",
        atMs: receivedAtMs,
        actor: {},
        recording,
        data: {},
      }),
    );
    const orderLeaf = await encodeLeaf(ordered);
    const certificate = {
      ...subject,
      orderedAtMs: receivedAtMs + 1,
      keyDestroyedAtMs: receivedAtMs + 2,
      objectsDestroyedAtMs: receivedAtMs + 3,
      noBackupAfterMs: receivedAtMs + 4,
      rule: { class: "non-evidential", version: 1, periodDays: 31, citation: "Met policy" },
      dueAtMs: receivedAtMs,
      entry: orderLeaf,
      proof: await includeLeaf(force, orderLeaf),
    };
    files.set("destruction.cose", await signDestruction(certificate, force.service.signer));
  }
  return { files, recording, parts, journal };
}

export function journalFile(entries: readonly Uint8Array[]): Uint8Array {
  return encodeSegment(entries.map((entry) => ({ entry, opening: null })));
}

/** Writes `files` into a folder of their own for as long as `use` runs. */
export async function withFolder<T>(files: Files, use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "sworn-verify-"));
  try {
    for (const [name, bytes] of files) {
      const path = join(folder, name);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, bytes);
    }
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Verifies `files` as a folder, by default under `force`'s anchor alone. */
export async function verifyFiles(
  force: Force,
  files: Files,
  options: Partial<VerifyOptions> = {},
): Promise<Report> {
  return withFolder(files, (folder) =>
    verifyExport(folder, { anchors: [force.anchor], nowMs: NOW_MS, ...options }),
  );
}

/** The export with files changed; null removes one. */
export function changed(from: BuiltExport, changes: Readonly<Record<string, Uint8Array | null>>): Files {
  const files = new Map(from.files);
  for (const [name, bytes] of Object.entries(changes)) {
    if (bytes) files.set(name, bytes);
    else files.delete(name);
  }
  return files;
}

/** The checks that keep a report from *intact*. */
export function failing(report: Report): CheckId[] {
  return report.checks.filter(({ fault }) => fault !== null).map(({ id }) => id);
}

export function checkOf(report: Report, id: CheckId): Check | undefined {
  return report.checks.find((candidate) => candidate.id === id);
}
