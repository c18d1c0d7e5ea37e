import { mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  RECORDING_KEY_INFO,
  formatId,
  newId,
  parseIngestKey,
  readRevocationList,
  validatePath,
  verifySign1,
} from "@sworn/custody";
import { sealKey } from "@sworn/vault";
import {
  type Authorities,
  INGEST_KEY_GRACE_MS,
  ledgerOrigin,
  openAuthorities,
} from "../../src/authority/index.ts";

const NOW_MS = Date.UTC(2026, 10, 1);
const DAY_MS = 86_400_000;

describe("a force's authority", () => {
  let folder: string;
  let authorities: Authorities;
  const force = { id: newId(), name: "Metropolitan Police" };

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "sworn-authority-"));
    authorities = await openAuthorities(folder);
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it("makes keys that lead to the anchor, once, with files only their owner can read", async () => {
    const made = await authorities.create(force, NOW_MS);
    const again = await (await openAuthorities(folder)).create(force, NOW_MS + 1);
    expect(again.anchor.hash).toEqual(made.anchor.hash);
    for (const role of ["service", "ledger"] as const) {
      const path = await validatePath(made[role].certificate, [made.anchor.der], { role, atMs: NOW_MS });
      expect(path.kind).toBe("valid");
    }
    expect(made.ledger.certificate.commonName).toBe(ledgerOrigin(force.id));
    for (const name of await readdir(join(folder, formatId(force.id)))) {
      const { mode } = await stat(join(folder, formatId(force.id), name));
      expect(mode & 0o077, name).toBe(0);
    }
  });

  it("signs an ingest key, opens what is sealed to it, and destroys it after its grace", async () => {
    const authority = await authorities.create(force, NOW_MS);
    const { statement, key } = await authority.ingestKeys.current(NOW_MS);
    const parsed = parseIngestKey(statement);
    expect(await verifySign1(parsed.sign1, authority.service.certificate.publicKey)).toBe(true);

    const recordingKey = crypto.getRandomValues(new Uint8Array(32));
    const associatedData = new Uint8Array([1, 2, 3]);
    const sealed = await sealKey({
      ingestPublicKey: key.publicKey,
      recordingKey,
      info: RECORDING_KEY_INFO,
      associatedData,
    });
    const envelope = { keyId: key.keyId, ...sealed };
    expect(await authority.ingestKeys.open(envelope, RECORDING_KEY_INFO, associatedData)).toEqual(
      recordingKey,
    );
    await expect(
      authority.ingestKeys.open(envelope, RECORDING_KEY_INFO, new Uint8Array([9])),
    ).rejects.toMatchObject({
      code: "envelope-authentication",
    });

    expect((await authority.ingestKeys.current(NOW_MS + DAY_MS)).key.keyId).toEqual(key.keyId);
    expect((await authority.ingestKeys.current(NOW_MS + 25 * DAY_MS)).key.keyId).not.toEqual(key.keyId);
    expect(await authority.ingestKeys.open(envelope, RECORDING_KEY_INFO, associatedData)).toEqual(
      recordingKey,
    );
    const destroyed = await authority.ingestKeys.destroyExpired(NOW_MS + 32 * DAY_MS + INGEST_KEY_GRACE_MS);
    expect(destroyed).toEqual([formatId(key.keyId)]);
    await expect(
      authority.ingestKeys.open(envelope, RECORDING_KEY_INFO, associatedData),
    ).rejects.toMatchObject({
      code: "ingest-key-unknown",
    });
  });

  it("makes one ingest key however many ask at once", async () => {
    const authority = await authorities.create(force, NOW_MS);
    const keys = await Promise.all(Array.from({ length: 8 }, () => authority.ingestKeys.current(NOW_MS)));
    expect(new Set(keys.map(({ key }) => formatId(key.keyId))).size).toBe(1);
  });

  it("certifies a camera and revokes it", async () => {
    const authority = await authorities.create(force, NOW_MS);
    const keys = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, [
      "sign",
      "verify",
    ]);
    const spki = new Uint8Array(await crypto.subtle.exportKey("spki", keys.publicKey));
    const request = { role: "camera", subjectId: newId(), commonName: "0001", spki } as const;
    const certificate = await authority.certifyDevice(request, NOW_MS);
    const path = await validatePath(certificate, [authority.anchor.der], { role: "camera", atMs: NOW_MS });
    expect(path.kind).toBe("valid");
    const revocations = [{ serial: certificate.serial, revokedAtMs: NOW_MS }];
    const list = await authority.revocationList(revocations, 1, NOW_MS);
    expect(await readRevocationList(list, authority.anchor.der)).toMatchObject({ revocations });
  });

  it("says what to do when a key file is damaged or missing", async () => {
    await authorities.create(force, NOW_MS);
    const key = join(folder, formatId(force.id), "service.key");
    await writeFile(key, "not a key");
    await expect((await openAuthorities(folder)).of(force.id)).rejects.toMatchObject({
      code: "authority-damaged",
    });
    await rm(key);
    await expect((await openAuthorities(folder)).of(force.id)).rejects.toThrow(
      /Restore the authority folder/,
    );
    await expect((await openAuthorities(folder)).of(newId())).rejects.toMatchObject({
      code: "authority-missing",
    });
  });
});
