// A server that serves playback over a real store, key ring, ledger and database, with recordings put in by hand.
import { createHash, randomBytes, randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ForceId, RecordingId } from "@sworn/contract";
import {
  encodeCbor,
  masterIdentity,
  mediaAssociatedData,
  parseId,
  partToRow,
  type TimedPart,
} from "@sworn/custody";
import { encryptFloe, openFolderStore, openKeyRing, type FolderStore, type KeyRing } from "@sworn/vault";
import { openAuthorities } from "../../src/authority/index.ts";
import { openLedger, type Ledger } from "../../src/ledger/index.ts";
import { silentLog } from "../../src/platform/log.ts";
import { openPlayback, type Playback, type PlaybackPorts } from "../../src/playback/index.ts";
import { startTestServer, type TestServer } from "../platform/test-server.ts";

const sha256 = (bytes: Uint8Array): Uint8Array => new Uint8Array(createHash("sha256").update(bytes).digest());

export interface TimedPlaintext {
  readonly bytes: Uint8Array;
  readonly startMs: number;
  readonly durationMs: number;
}

export interface PutRecording {
  readonly id: RecordingId;
  readonly objectKey: string;
  readonly plaintext: Buffer;
  readonly parts: readonly TimedPart[];
  readonly identity: Uint8Array;
}

export interface PlaybackServer {
  readonly server: TestServer;
  readonly folder: string;
  readonly store: FolderStore;
  readonly ring: KeyRing;
  readonly ledger: Ledger;
  readonly playback: Playback;
  readonly ports: PlaybackPorts;
  /** Every read of an object: key, offset and length in bytes. */
  readonly reads: { key: string; offsetBytes: number; lengthBytes: number }[];
  /** Founds a force with its ledger. */
  found(slug: string): Promise<{ key: string; forceId: ForceId; personId: string }>;
  put(
    forceId: ForceId,
    parts: readonly TimedPlaintext[],
    row?: Readonly<Record<string, unknown>>,
    alter?: (stored: Buffer) => void,
  ): Promise<PutRecording>;
  stop(): Promise<void>;
}

export async function startPlaybackServer(
  options: Parameters<typeof openPlayback>[1] = {},
): Promise<PlaybackServer> {
  const folder = await mkdtemp(join(tmpdir(), "sworn-playback-"));
  const store = await openFolderStore({ root: join(folder, "store") });
  const ring = await openKeyRing({
    places: [join(folder, "keys-a"), join(folder, "keys-b")],
    rootFolder: join(folder, "roots"),
  });
  const reads: PlaybackServer["reads"] = [];
  const counting: PlaybackPorts["store"] = {
    putObject: (key, bytes) => store.putObject(key, bytes),
    delete: (key) => store.delete(key),
    async openObject(key) {
      const opened = await store.openObject(key);
      if (opened.kind === "absent") return opened;
      const { object } = opened;
      const readInto: typeof object.readInto = (target, offsetBytes) => {
        reads.push({ key, offsetBytes, lengthBytes: target.byteLength });
        return object.readInto(target, offsetBytes);
      };
      return { kind: "object", object: { ...object, readInto } };
    },
  };
  const lazyPorts = {} as PlaybackPorts;
  const late: { playback?: Playback } = {};
  const server = await startTestServer({
    routes: [0, 1].map((index) => (app, access) => {
      // The database is known only once the server is built; routes are registered before.
      late.playback ??= openPlayback(lazyPorts, options);
      late.playback.routes[index]?.(app, access);
    }),
  });
  const authorities = await openAuthorities(join(folder, "authority"));
  const { clock } = server;
  const { database } = server.test;
  const ledger = openLedger({
    database,
    clock,
    log: silentLog,
    authorities,
    keys: ring,
    folder: join(folder, "ledger"),
  });
  Object.assign(lazyPorts, { database, clock, log: silentLog, ledger, ring, store: counting });
  const { playback } = late;
  if (playback === undefined) throw new Error("playback was not opened");

  return {
    server,
    folder,
    store,
    ring,
    ledger,
    playback,
    ports: lazyPorts,
    reads,
    async found(slug) {
      const made = await server.found(slug);
      await authorities.create({ id: parseId(made.forceId), name: `Force ${slug}` }, clock.nowMs());
      return { ...made, forceId: made.forceId as ForceId };
    },
    async put(forceId, plaintexts, row = {}, alter = () => undefined) {
      const id = randomUUID() as RecordingId;
      const key = randomBytes(32);
      const sealed = plaintexts.map(({ bytes, startMs, durationMs }, index) => {
        const associatedData = mediaAssociatedData(parseId(forceId), parseId(id), index);
        const ciphertext = encryptFloe({ key, associatedData, plaintext: bytes });
        const part: TimedPart = {
          lengthBytes: bytes.byteLength,
          hash: sha256(bytes),
          storedBytes: ciphertext.byteLength,
          storedHash: sha256(ciphertext),
          startMs,
          durationMs,
        };
        return { part, ciphertext };
      });
      const parts = sealed.map(({ part }) => part);
      const stored = Buffer.concat(sealed.map(({ ciphertext }) => ciphertext));
      alter(stored);
      const objectKey = `${forceId}/recordings/${id}/media`;
      await store.putObject(objectKey, stored);
      await ring.put(`recording/${id}`, key);
      const identity = await masterIdentity(parts);
      const at = new Date(clock.nowMs());
      const columns: Record<string, unknown> = {
        id,
        force_id: forceId,
        number: 1,
        state: "collected",
        format: "cmaf",
        verdict: "verified",
        identity: Buffer.from(identity),
        recorded_start_at: at,
        recorded_end_at: at,
        clock: "dock",
        duration_ms: parts.reduce((sum, part) => sum + part.durationMs, 0),
        part_count: parts.length,
        length_bytes: parts.reduce((sum, part) => sum + part.lengthBytes, 0),
        stored_bytes: stored.byteLength,
        parts: Buffer.from(encodeCbor(parts.map(partToRow))),
        object_key: objectKey,
        received_at: at,
        created_at: at,
        ...row,
      };
      const names = Object.keys(columns);
      await server.test.asAdministrator(
        `insert into sworn.recording (${names.join(", ")}) values (${names.map((_, i) => `$${String(i + 1)}`).join(", ")})`,
        Object.values(columns),
      );
      return {
        id,
        objectKey,
        plaintext: Buffer.concat(plaintexts.map(({ bytes }) => bytes)),
        parts,
        identity,
      };
    },
    async stop() {
      playback.close();
      await ledger.stop();
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Parts of random bytes: an init segment and fragments of the given lengths, one second each. */
export function randomParts(...lengths: readonly number[]): TimedPlaintext[] {
  return lengths.map((length, index) => ({
    bytes: randomBytes(length),
    startMs: index === 0 ? 0 : (index - 1) * 1000,
    durationMs: index === 0 ? 0 : 1000,
  }));
}
