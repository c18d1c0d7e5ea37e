// The same work in one loop in one thread, without network and database: each part decrypted, both hashes made and
// compared, the ciphertext written in durable parts by the real store.
import { createHash, randomBytes } from "node:crypto";
import { join } from "node:path";
import { mediaAssociatedData, newId } from "@sworn/custody";
import { blockingStoreFs, encryptFloe, openFolderStore } from "@sworn/vault";
import { MediaIntake } from "../../apps/server/src/ingest/intake/media-intake.ts";
import { BenchError, type ContestantGiven, type Running } from "../harness/bench.ts";
import { loadOf } from "./upload-load.ts";

const CHUNK_BYTES = 256 * 1024;
const STORE_PART_BYTES = 8 * 1024 * 1024;
const digest = (bytes: Uint8Array): Buffer => createHash("sha256").update(bytes).digest();

export async function open({ folder, quick, settings }: ContestantGiven): Promise<Running> {
  const { uploads, fragments, fragmentBytes } = loadOf(settings, quick);
  const [force, recording, key] = [newId(), newId(), randomBytes(32)];
  const plain = randomBytes(fragmentBytes);
  const parts = Array.from({ length: fragments }, (_, index) =>
    encryptFloe({ key, associatedData: mediaAssociatedData(force, recording, index), plaintext: plain }),
  );
  const promised = {
    lengthBytes: parts.map(() => fragmentBytes),
    storedBytes: parts.map((part) => part.byteLength),
    hashes: Buffer.concat(parts.map(() => digest(plain))),
    storedHashes: Buffer.concat(parts.map(digest)),
  };
  const media = Buffer.concat(parts);
  const store = await openFolderStore({ root: join(folder, "objects"), fs: blockingStoreFs });
  let made = 0;
  const takeOne = async (objectKey: string): Promise<void> => {
    let verified = 0;
    const intake = new MediaIntake(
      {
        ...{ kind: "media", objectKey, storeParts: [], storePartBytes: STORE_PART_BYTES },
        ...{ force, recording, key, offsetBytes: 0, promised },
      },
      store,
      (progress) => {
        verified += progress.verified.length;
      },
    );
    for (let at = 0; at < media.byteLength; at += CHUNK_BYTES) {
      await intake.write(media.subarray(at, at + CHUNK_BYTES));
    }
    await intake.end("end");
    if (verified !== parts.length) throw new BenchError("contestant-failed", "a part did not verify");
  };
  return {
    async round() {
      for (let count = 0; count < uploads; count += 1) await takeOne(`loop/${(made += 1)}`);
      return { bytes: uploads * media.byteLength };
    },
    async after() {
      for (let count = 0; count < uploads; count += 1) await store.delete(`loop/${made - count}`);
    },
    close: () => Promise.resolve(),
  };
}
