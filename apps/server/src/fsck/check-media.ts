// Levels 2 and 3: the media of each recording, part by part, read once. Level 2 hashes the ciphertext; level 3 decrypts it
// as it passes and hashes the plaintext too. Says which part, and which seconds, is not what was promised.
import { createHash } from "node:crypto";
import { equalBytes, mediaAssociatedData, parseId, type TimedPart } from "@sworn/custody";
import {
  PartDigest,
  startFloeDecryption,
  VaultError,
  type FloeDecryptor,
  type StoredObject,
} from "@sworn/vault";
import { recordingKeyId } from "../evidence/index.ts";
import type { ForceCheck } from "./ports.ts";
import type { NewProblem } from "./problem.ts";
import { tellFault } from "./read-object.ts";
import { eachRecording, type StoredRecording } from "./store.ts";
import { objectOf } from "./subjects.ts";
import { secondsOf, trustedParts } from "./trusted-parts.ts";

export type MediaDepth = "ciphertext" | "plaintext";

export async function checkMedia(check: ForceCheck, depth: MediaDepth): Promise<void> {
  for await (const row of eachRecording(check.query)) {
    if (row.state !== "collected" || row.object_key === null) continue;
    check.looked("recordings");
    const parts = await trustedParts(check, row);
    // What was accepted as altered is checked against the hash that it was kept apart with.
    if (parts === null || row.verdict === "altered" || row.verdict === "untrusted") continue;
    await checkOne(check, { row, objectKey: row.object_key, parts, depth });
  }
}

interface Media {
  readonly row: StoredRecording;
  readonly objectKey: string;
  readonly parts: readonly TimedPart[];
  readonly depth: MediaDepth;
}

async function checkOne(check: ForceCheck, media: Media): Promise<void> {
  const { objectKey, parts } = media;
  let object: StoredObject;
  try {
    const opened = await check.ports.store.openObject(objectKey);
    // That it is missing was told at level 1.
    if (opened.kind === "absent") return;
    object = opened.object;
  } catch (error) {
    // So was an index that cannot be read.
    if (error instanceof VaultError) return;
    throw error;
  }
  const key = media.depth === "plaintext" ? await keyOfMedia(check, media.row) : null;
  const index = new IndexHashes(object);
  let start = 0;
  let isWhole = true;
  for (const [at, part] of parts.entries()) {
    isWhole = (await checkPart(check, media, { object, key, index, start, at, part })) && isWhole;
    start += part.storedBytes;
  }
  if (object.sizeBytes > start) {
    const message = `${(object.sizeBytes - start).toString()} bytes follow the last part of recording ${media.row.id}.`;
    check.tell({ kind: "object-altered", subject: objectOf(objectKey), message });
    return;
  }
  const wrong = isWhole ? index.wrongPart() : null;
  if (wrong === null) return;
  const message = `The media of recording ${media.row.id} is whole, and its index.json has another hash for store part ${wrong.toString()}.`;
  check.tell({ kind: "object-index-damaged", subject: objectOf(objectKey), message });
}

async function keyOfMedia(check: ForceCheck, row: StoredRecording): Promise<Uint8Array | null> {
  try {
    const found = (await check.keys?.get(recordingKeyId(row.id))) ?? null;
    return found?.kind === "key" ? found.key : null;
  } catch (error) {
    // A key that does not open was told of with the ring.
    if (error instanceof VaultError) return null;
    throw error;
  }
}

interface Place {
  readonly object: StoredObject;
  readonly key: Uint8Array | null;
  readonly index: IndexHashes;
  readonly start: number;
  readonly at: number;
  readonly part: TimedPart;
}

/** Whether the part is as promised. */
async function checkPart(check: ForceCheck, media: Media, place: Place): Promise<boolean> {
  const { object, part, start, at } = place;
  const name =
    at === 0 && media.row.format === "cmaf"
      ? "part 0, the init segment, which nothing plays without"
      : `part ${at.toString()}`;
  const tell = (kind: NewProblem["kind"], what: string): boolean => {
    const message = `Recording ${media.row.id}, ${name}: ${what}.`;
    check.tell({ kind, subject: objectOf(media.objectKey, { part: at }), message, ...secondsOf(part) });
    return false;
  };
  if (start + part.storedBytes > object.sizeBytes) {
    place.index.skip();
    return tell("object-altered", "the object ends before it does");
  }
  const associatedData = mediaAssociatedData(check.force, parseId(media.row.id), at);
  const decryption = place.key === null ? null : new Decryption(place.key, associatedData);
  const stored = createHash("sha256");
  try {
    for await (const chunk of object.stream(start, part.storedBytes)) {
      stored.update(chunk);
      place.index.update(chunk);
      decryption?.update(chunk);
    }
  } catch (error) {
    if (!(error instanceof VaultError)) throw error;
    place.index.skip();
    if (error.code === "object-damaged") return tell("object-altered", error.message);
    tellFault(check, objectOf(media.objectKey, { part: at }), error);
    return false;
  } finally {
    check.read(part.storedBytes);
    check.looked("parts");
  }
  const plaintextIsGood = decryption?.isGood(part) ?? null;
  if (!equalBytes(stored.digest(), part.storedHash)) {
    if (plaintextIsGood !== true)
      return tell("object-altered", "its stored bytes are not those that the camera's journal promised");
    return tell(
      "parts-list-altered",
      "it decrypts to what was promised, but its list has another hash of the stored bytes",
    );
  }
  if (plaintextIsGood !== false) return true;
  return tell(
    "plaintext-altered",
    "its stored bytes are as promised, but they do not decrypt to what was promised",
  );
}

class Decryption {
  readonly #floe: FloeDecryptor;
  readonly #hash = createHash("sha256");
  #lengthBytes = 0;
  #failed = false;

  constructor(key: Uint8Array, associatedData: Uint8Array) {
    this.#floe = startFloeDecryption({ key, associatedData });
  }

  update(chunk: Uint8Array): void {
    if (this.#failed) return;
    this.#try(() => {
      for (const plaintext of this.#floe.update(chunk)) {
        this.#hash.update(plaintext);
        this.#lengthBytes += plaintext.length;
      }
    });
  }

  isGood(part: TimedPart): boolean {
    if (!this.#failed)
      this.#try(() => {
        this.#floe.finish();
      });
    return (
      !this.#failed && this.#lengthBytes === part.lengthBytes && equalBytes(this.#hash.digest(), part.hash)
    );
  }

  #try(act: () => void): void {
    try {
      act();
    } catch (error) {
      if (!(error instanceof VaultError)) throw error;
      this.#failed = true;
    }
  }
}

/** Hashes the parts of the store, which have other bounds than those of the recording, from the same bytes. */
class IndexHashes {
  readonly #parts: StoredObject["parts"];
  #at = 0;
  #left: number;
  #digest: PartDigest;
  #wrong: number | null = null;
  #isSkipped = false;

  constructor(object: StoredObject) {
    this.#parts = object.parts;
    this.#left = object.parts[0]?.sizeBytes ?? 0;
    this.#digest = new PartDigest(object.parts[0] ?? {});
  }

  /** Bytes are missing: nothing can be said any more. */
  skip(): void {
    this.#isSkipped = true;
  }

  update(chunk: Uint8Array): void {
    if (this.#isSkipped) return;
    let rest = chunk;
    while (rest.length > 0) {
      const part = this.#parts[this.#at];
      if (part === undefined) return;
      const taken = rest.subarray(0, this.#left);
      this.#digest.update(taken);
      this.#left -= taken.length;
      rest = rest.subarray(taken.length);
      if (this.#left > 0) return;
      if (this.#digest.digest() !== part.sha256) this.#wrong ??= part.number;
      this.#at += 1;
      this.#digest = new PartDigest(this.#parts[this.#at] ?? {});
      this.#left = this.#parts[this.#at]?.sizeBytes ?? 0;
    }
  }

  wrongPart(): number | null {
    return this.#isSkipped ? null : this.#wrong;
  }
}
