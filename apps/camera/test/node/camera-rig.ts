// A force, its keys and a camera in a temporary folder; and the checks that any camera's folder must pass.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  ChainVerifier,
  type JournalEntry,
  type Receipt,
  RECORDING_KEY_INFO,
  type Signer,
  collectRecording,
  decodeEnvelope,
  decodeSegment,
  equalBytes,
  issueAnchor,
  issueCertificate,
  keySigner,
  mediaAssociatedData,
  newId,
  parseCertificate,
  readLife,
  recordingKeyAssociatedData,
  sha256,
  signIngestKey,
  signReceipt,
} from "@sworn/custody";
import { FragmentSplitter } from "@sworn/media";
import { type IngestKeyPair, decryptFloe, generateIngestKeyPair, openKey } from "@sworn/vault";
import { expect } from "vitest";
import { createCamera, installCertificate } from "../../node/enrol.ts";
import type { HeadlessCamera } from "../../node/headless-camera.ts";
import type { Disk } from "../../node/store/disk.ts";
import { NOW_MS, testClock } from "./camera-rig-clock.ts";

export { NOW_MS, testClock };
const VALIDITY = { notBeforeMs: NOW_MS - 86_400_000, notAfterMs: NOW_MS + 400 * 86_400_000 };
const P256 = { name: "ECDSA", namedCurve: "P-256" };

export interface TestForce {
  readonly id: Uint8Array;
  readonly anchor: Uint8Array;
  readonly authority: { certificate: Uint8Array; privateKey: CryptoKey };
  readonly service: Uint8Array;
  readonly signer: Signer;
  readonly ingest: IngestKeyPair;
  readonly ingestKey: Uint8Array;
}

export async function newForce(): Promise<TestForce> {
  const id = newId();
  const keys = await crypto.subtle.generateKey(P256, true, ["sign", "verify"]);
  const anchor = await issueAnchor({ id, name: "Test Force" }, keys, VALIDITY);
  const authority = { certificate: anchor, privateKey: keys.privateKey };
  const serviceKeys = await crypto.subtle.generateKey(P256, true, ["sign", "verify"]);
  const spki = new Uint8Array(await crypto.subtle.exportKey("spki", serviceKeys.publicKey));
  const service = await issueCertificate(
    authority,
    { role: "service", subjectId: id, commonName: "service", spki },
    VALIDITY,
  );
  const signer = keySigner(serviceKeys.privateKey, (await parseCertificate(service)).hash);
  const ingest = await generateIngestKeyPair();
  const statement = { force: id, keyId: newId(), publicKey: ingest.publicKey, ...VALIDITY };
  return {
    id,
    anchor,
    authority,
    service,
    signer,
    ingest,
    ingestKey: await signIngestKey(statement, signer),
  };
}

export interface TestCamera {
  readonly folder: string;
  readonly id: Uint8Array;
  readonly certificate: Uint8Array;
  remove(): Promise<void>;
}

export async function newCamera(force: TestForce, options: { disk?: Disk } = {}): Promise<TestCamera> {
  const folder = await mkdtemp(join(tmpdir(), "camera-"));
  const { spki } = await createCamera(folder);
  const id = newId();
  const certificate = await issueCertificate(
    force.authority,
    { role: "camera", subjectId: id, commonName: "camera", spki },
    VALIDITY,
  );
  const { anchor, service, ingestKey } = force;
  await installCertificate(
    folder,
    { certificate, anchor, service, ingestKey },
    { model: "test", clock: testClock(), ...options },
  );
  return { folder, id, certificate, remove: () => rm(folder, { recursive: true, force: true }) };
}

/**
 * Every entry on the camera, after the chain, its signatures and its states were checked; the states together with
 * what a server `accepted` before the camera pruned it.
 */
export async function verifiedEntries(
  camera: HeadlessCamera,
  accepted: readonly JournalEntry[] = [],
): Promise<JournalEntry[]> {
  const certificate = await parseCertificate(camera.dock.certificate);
  const publicKey = (hash: Uint8Array): CryptoKey | null =>
    equalBytes(hash, certificate.hash) ? certificate.publicKey : null;
  const first = camera.dock.firstSequence();
  const verifier = new ChainVerifier(first === 0 ? null : "anywhere", {
    camera: camera.dock.cameraId,
    publicKey,
  });
  const entries: JournalEntry[] = [];
  for await (const segment of camera.dock.readJournal(0)) {
    for (const record of decodeSegment(segment.bytes)) {
      const step = await verifier.next(record.entry);
      if (step.kind !== "ok")
        throw new Error(`entry ${String(entries.length)}: ${JSON.stringify(step.problem)}`);
      entries.push(step.entry);
    }
  }
  expect(entries.at(-1)?.sequence).toBe(camera.dock.journalHead().sequence);
  const life = [...accepted.filter((entry) => entry.sequence < first), ...entries];
  if (life[0]?.sequence === 0) expect(readLife(life).findings).toEqual([]);
  return entries;
}

async function collect(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return new Uint8Array(Buffer.concat(chunks));
}

export async function keyOfRecording(
  camera: HeadlessCamera,
  force: TestForce,
  number: number,
  id: Uint8Array,
): Promise<Uint8Array> {
  const envelope = decodeEnvelope(await camera.dock.envelope(number));
  const associatedData = recordingKeyAssociatedData(force.id, camera.dock.cameraId, id);
  return openKey({ ingestKeyPair: force.ingest, envelope, info: RECORDING_KEY_INFO, associatedData });
}

/** Decrypts every journaled part of every recording, compares it with the journal, and gives the films. */
export async function decryptAll(camera: HeadlessCamera, force: TestForce): Promise<Map<number, Uint8Array>> {
  const entries = await verifiedEntries(camera);
  const films = new Map<number, Uint8Array>();
  for (const { id, number, storedBytes, parts: count } of camera.dock.listRecordings()) {
    const collected = await collectRecording(entries, id);
    if (collected.kind !== "sealed" && collected.kind !== "open")
      throw new Error(`recording ${String(number)}: ${JSON.stringify(collected)}`);
    expect(collected.recording.parts.length).toBe(count);
    const stored = await collect(camera.dock.readMedia(number));
    expect(stored.length).toBe(storedBytes);
    const started = collected.recording.started;
    expect(await sha256(await camera.dock.envelope(number))).toEqual(started?.body.envelope);
    const key = await keyOfRecording(camera, force, number, id);
    const plain: Uint8Array[] = [];
    let offset = 0;
    for (const part of collected.recording.parts) {
      const ciphertext = stored.subarray(offset, offset + part.storedBytes);
      offset += part.storedBytes;
      expect(await sha256(ciphertext)).toEqual(part.storedHash);
      const plaintext = decryptFloe({
        key,
        associatedData: mediaAssociatedData(force.id, id, part.index),
        ciphertext,
      });
      expect(await sha256(plaintext)).toEqual(part.hash);
      plain.push(new Uint8Array(plaintext));
    }
    films.set(number, checkFilm(new Uint8Array(Buffer.concat(plain)), collected.recording.parts));
  }
  return films;
}

/** The parts laid end to end play, and begin at media time 0. */
function checkFilm(
  film: Uint8Array,
  parts: readonly { readonly startMs: number; readonly index: number }[],
): Uint8Array {
  const splitter = new FragmentSplitter();
  const cut = splitter.push(film);
  expect(splitter.finish().unfinishedBytes).toBe(0);
  expect(cut.length).toBe(parts.length);
  for (const [place, part] of cut.entries()) {
    if (part.kind === "fragment")
      expect([part.sequence, part.startMs]).toEqual([place, parts[place]?.startMs]);
  }
  return film;
}

/** A receipt as the service would sign it; what `changes` changes makes it another one. */
export async function receiptFor(
  camera: HeadlessCamera,
  force: TestForce,
  number: number,
  changes: Partial<Receipt> = {},
  signer: Signer = force.signer,
): Promise<Uint8Array> {
  const entries = await verifiedEntries(camera);
  const seal = entries.find((entry) => entry.kind === "recording-sealed" && entry.body.number === number);
  if (seal?.kind !== "recording-sealed") throw new Error("not sealed");
  const { recording, parts, identity } = seal.body;
  const listed = camera.dock.listRecordings().find((one) => one.number === number);
  return signReceipt(
    {
      ...{
        force: force.id,
        camera: camera.dock.cameraId,
        recording,
        number,
        identity,
        parts,
        lengthBytes: 1,
      },
      ...{ storedBytes: listed?.storedBytes ?? 0, verdict: "verified", receivedAtMs: NOW_MS },
      ...{ manifest: new Uint8Array(32), entry: new Uint8Array(40), proof: "proof" },
      ...changes,
    },
    signer,
  );
}
