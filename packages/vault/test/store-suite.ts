// What every object store must do. A store passes by calling `describeObjectStore` with a way to open it.
import { createHash, randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { VaultError } from "../src/index.ts";
import type { ObjectStore, StoredPart } from "../src/index.ts";

export interface StoreUnderTest {
  readonly store: ObjectStore;
  /** Opens the same store again, as after a restart. */
  readonly reopen: () => Promise<ObjectStore>;
  readonly dispose: () => Promise<void>;
}

/** Runs `act`; returns the code of the VaultError it threw, or "accepted". */
export async function codeOf(act: () => Promise<unknown>): Promise<string> {
  try {
    await act();
    return "accepted";
  } catch (error) {
    return error instanceof VaultError ? error.code : `not a VaultError: ${String(error)}`;
  }
}

function hashed(bytes: Uint8Array): Buffer {
  return createHash("sha256").update(bytes).digest();
}

function sha256(bytes: Uint8Array): string {
  return hashed(bytes).toString("hex");
}

/** All bytes of a complete object, undefined where it is absent. */
export async function readAll(store: ObjectStore, key: string): Promise<Buffer | undefined> {
  const opened = await store.openObject(key);
  return opened.kind === "absent" ? undefined : await opened.object.read(0, opened.object.sizeBytes);
}

async function keysOf(store: ObjectStore, prefix?: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const entry of store.list(prefix)) keys.push(`${entry.kind} ${entry.key}`);
  return keys.sort();
}

/** `open` must give a store that holds nothing and takes parts of at least `minPartBytes` bytes, 1,024 or less. */
export function describeObjectStore(name: string, open: () => Promise<StoreUnderTest>): void {
  const withStore = async (act: (subject: StoreUnderTest) => Promise<void>): Promise<void> => {
    const subject = await open();
    try {
      await act(subject);
    } finally {
      await subject.dispose();
    }
  };

  describe(`${name} as an object store`, () => {
    test("parts put, completed and read, also after a restart", () =>
      withStore(async ({ store, reopen }) => {
        const bytes = [randomBytes(2000), randomBytes(1500), randomBytes(3)];
        const parts: StoredPart[] = [];
        for (const [index, part] of bytes.entries())
          parts.push(await store.putPart("force/a1/video", index + 1, part));
        expect(parts[1]).toEqual({ number: 2, sizeBytes: 1500, sha256: sha256(bytes[1] ?? Buffer.alloc(0)) });
        expect((await store.stat("force/a1/video")).kind).toBe("in-progress");
        expect((await store.openObject("force/a1/video")).kind).toBe("absent");
        const again = await reopen();
        expect(await again.stat("force/a1/video")).toEqual({
          kind: "in-progress",
          parts: parts.map(({ number, sizeBytes }) => ({ number, sizeBytes })),
        });
        // The hash of one part is left out, as after a crash: the store finds it.
        const claims = parts.map(({ number, sizeBytes }) => ({ number, sizeBytes }));
        const done = await again.complete("force/a1/video", claims);
        expect(done).toEqual({ kind: "completed", sizeBytes: 3503, parts });
        expect(await again.complete("force/a1/video", parts)).toEqual({ ...done, kind: "already-complete" });
        expect(await (await reopen()).stat("force/a1/video")).toEqual({
          kind: "complete",
          sizeBytes: 3503,
          parts,
        });
        expect((await readAll(again, "force/a1/video"))?.equals(Buffer.concat(bytes))).toBe(true);
        expect(await again.check("force/a1/video", "hash")).toEqual([]);
      }));

    test("any range equals the slice, read or streamed", () =>
      withStore(async ({ store }) => {
        const bytes = randomBytes(1024 * 3 + 17);
        const parts: StoredPart[] = [];
        for (let at = 0; at < bytes.byteLength; at += 1024) {
          parts.push(await store.putPart("range", at / 1024 + 1, bytes.subarray(at, at + 1024)));
        }
        await store.complete("range", parts);
        const opened = await store.openObject("range");
        if (opened.kind === "absent") throw new Error("the object is absent");
        const { object } = opened;
        await fc.assert(
          fc.asyncProperty(fc.nat(3300), fc.nat(3300), async (offset, length) => {
            if (offset + length > bytes.byteLength) {
              expect(await codeOf(() => object.read(offset, length))).toBe("bad-argument");
              return;
            }
            const expected = bytes.subarray(offset, offset + length);
            expect((await object.read(offset, length)).equals(expected)).toBe(true);
            const range = await store.getRange("range", offset, length);
            const chunks: Buffer[] = [];
            if (range.kind === "range") for await (const chunk of range.chunks) chunks.push(chunk);
            expect(Buffer.concat(chunks).equals(expected)).toBe(true);
          }),
          { numRuns: 40 },
        );
        expect(await codeOf(() => object.read(-1, 1))).toBe("bad-argument");
        expect(await codeOf(() => object.read(0.5, 1))).toBe("bad-argument");
      }));

    test("a part written in chunks larger than a batch, and one put twice: the last counts", () =>
      withStore(async ({ store }) => {
        const bytes = randomBytes(700_000);
        const writer = await store.beginPart("chunks", 1);
        for (let at = 0; at < bytes.byteLength; at += 90_001)
          await writer.write(bytes.subarray(at, at + 90_001));
        expect(writer.sizeBytes).toBe(bytes.byteLength);
        expect((await writer.commit()).sha256).toBe(sha256(bytes));
        expect(await codeOf(() => writer.write(bytes))).toBe("part-closed");
        expect(await codeOf(() => writer.commit())).toBe("part-closed");
        const second = await store.putPart("chunks", 1, Buffer.from("second"));
        await store.complete("chunks", [second]);
        expect((await readAll(store, "chunks"))?.toString()).toBe("second");
      }));

    test("a short tail is extended to a whole part", () =>
      withStore(async ({ store }) => {
        await store.putPart("tail", 1, Buffer.from("one "));
        const writer = await store.beginPart("tail", 1, { extend: true });
        expect(writer.sizeBytes).toBe(4);
        await writer.write(Buffer.from("two"));
        const part = await writer.commit();
        expect(part.sha256).toBe(sha256(Buffer.from("one two")));
        const fresh = await store.beginPart("tail", 2, { extend: true });
        expect(fresh.sizeBytes).toBe(0);
        await fresh.discard();
        await store.complete("tail", [part]);
        expect((await readAll(store, "tail"))?.toString()).toBe("one two");
      }));

    test("a part that its caller hashed is checked by its spans, an extended one too, and false spans are refused", () =>
      withStore(async ({ store }) => {
        const spanOf = (bytes: Buffer) => ({ sizeBytes: bytes.byteLength, hash: hashed(bytes) });
        const [first, second, third] = [randomBytes(70_000), randomBytes(1), randomBytes(300_000)];
        const early = await store.beginPart("spans", 1, { hashedByCaller: true });
        await early.write(Buffer.concat([first, second]));
        const short = await early.commit([spanOf(first), spanOf(second)]);
        expect(short.spans).toEqual([70_000, 1]);
        expect(short.sha256).toBe(sha256(Buffer.concat([hashed(first), hashed(second)])));
        const grown = await store.beginPart("spans", 1, { extend: true, hashedByCaller: true });
        await grown.write(third);
        const part = await grown.commit([spanOf(third)]);
        expect(part.spans).toEqual([70_001, 300_000]);
        const lying = await store.beginPart("spans", 2, { hashedByCaller: true });
        await lying.write(third);
        expect(await codeOf(() => lying.commit([spanOf(first)]))).toBe("bad-argument");
        expect((await store.complete("spans", [part])).kind).toBe("completed");
        expect((await store.complete("spans", [part])).kind).toBe("already-complete");
        expect(await store.check("spans", "hash")).toEqual([]);
        const altered = await store.beginPart("altered", 1, { hashedByCaller: true });
        await altered.write(third);
        await store.complete("altered", [
          await altered.commit([{ sizeBytes: 300_000, hash: hashed(first) }]),
        ]);
        expect(await store.check("altered", "hash")).toMatchObject([{ kind: "hash", partNumber: 1 }]);
      }));

    test("a part of very many spans is read and hashed as one", () =>
      withStore(async ({ store }) => {
        const bytes = randomBytes(1_000);
        const writer = await store.beginPart("many", 1, { hashedByCaller: true });
        await writer.write(bytes);
        const part = await writer.commit(
          [...bytes].map((byte) => ({ sizeBytes: 1, hash: hashed(Buffer.of(byte)) })),
        );
        const completed = await store.complete("many", [part]);
        expect(completed.parts).toEqual([{ number: 1, sizeBytes: 1_000, sha256: sha256(bytes) }]);
        expect((await store.complete("many", [part])).kind).toBe("already-complete");
      }));

    test("a discarded part leaves the earlier one; parts not named are dropped", () =>
      withStore(async ({ store }) => {
        const kept = await store.putPart("drop", 1, Buffer.from("kept"));
        const writer = await store.beginPart("drop", 1);
        await writer.write(Buffer.from("not this"));
        await writer.discard();
        await writer.discard();
        await store.putPart("drop", 7, Buffer.from("unnamed"));
        await store.complete("drop", [kept]);
        expect(await store.stat("drop")).toEqual({ kind: "complete", sizeBytes: 4, parts: [kept] });
      }));

    test("what is complete never changes", () =>
      withStore(async ({ store }) => {
        const early = await store.beginPart("fixed", 1);
        const part = await store.putPart("fixed", 1, Buffer.from("master"));
        await store.complete("fixed", [part]);
        expect(await codeOf(() => early.commit())).toBe("object-complete");
        expect(await codeOf(() => store.putPart("fixed", 1, Buffer.from("forged")))).toBe("object-complete");
        expect(await codeOf(() => store.abort("fixed"))).toBe("object-complete");
        expect(await store.complete("fixed", [{ number: 1, sizeBytes: 5 }])).toEqual({
          kind: "conflict",
          parts: [part],
        });
        expect((await store.putObject("fixed", Buffer.from("forged"))).kind).toBe("conflict");
        expect((await store.putObject("fixed", Buffer.from("master"))).kind).toBe("already-complete");
        expect((await readAll(store, "fixed"))?.toString()).toBe("master");
      }));

    test("claims that do not fit are refused and leave the object in progress", () =>
      withStore(async ({ store }) => {
        const part = await store.putPart("claims", 1, Buffer.from("short"));
        const second = await store.putPart("claims", 2, Buffer.from("last"));
        expect(await codeOf(() => store.complete("claims", [part, second]))).toBe("part-too-small");
        expect(await codeOf(() => store.complete("claims", [second, part]))).toBe("bad-argument");
        expect(await codeOf(() => store.complete("claims", []))).toBe("bad-argument");
        expect(await codeOf(() => store.complete("claims", [{ number: 1, sizeBytes: 6 }]))).toBe(
          "part-missing",
        );
        expect(await codeOf(() => store.complete("claims", [{ number: 3, sizeBytes: 1 }]))).toBe(
          "part-missing",
        );
        expect(await codeOf(() => store.beginPart("claims", 0))).toBe("bad-argument");
        expect(await codeOf(() => store.beginPart("claims", 10_001))).toBe("bad-argument");
        expect((await store.stat("claims")).kind).toBe("in-progress");
      }));

    test("abort and delete are idempotent, and the key can be used again", () =>
      withStore(async ({ store, reopen }) => {
        await store.putPart("gone", 1, Buffer.from("in progress"));
        await store.abort("gone");
        await store.abort("gone");
        expect((await store.stat("gone")).kind).toBe("absent");
        await store.putObject("gone", Buffer.from("complete"));
        expect(await store.delete("gone")).toEqual({ kind: "deleted" });
        expect(await store.delete("gone")).toEqual({ kind: "absent" });
        expect((await (await reopen()).stat("gone")).kind).toBe("absent");
        await store.putObject("gone", Buffer.from("anew"));
        expect((await readAll(store, "gone"))?.toString()).toBe("anew");
      }));

    test("lists by prefix what is complete and what is not", () =>
      withStore(async ({ store }) => {
        await store.putObject("met/1", Buffer.from("1"));
        await store.putObject("beds/1", Buffer.from("2"));
        await store.putPart("met/2", 1, Buffer.from("3"));
        expect(await keysOf(store)).toEqual(["complete beds/1", "complete met/1", "in-progress met/2"]);
        expect(await keysOf(store, "met/")).toEqual(["complete met/1", "in-progress met/2"]);
      }));

    test("an empty object is one too", () =>
      withStore(async ({ store }) => {
        await store.putObject("empty", new Uint8Array(0));
        expect((await readAll(store, "empty"))?.byteLength).toBe(0);
      }));

    test("keys that could leave the store are refused", () =>
      withStore(async ({ store }) => {
        for (const key of [
          "",
          "..",
          "../x",
          "a/../b",
          "/a",
          "a/",
          "a//b",
          "A",
          "a.b",
          "a_b",
          "a\0",
          "é",
          "a".repeat(201),
        ]) {
          expect(await codeOf(() => store.putObject(key, Buffer.from("x")))).toBe("bad-argument");
          expect(await codeOf(() => store.delete(key))).toBe("bad-argument");
          expect(await codeOf(() => store.openObject(key))).toBe("bad-argument");
        }
      }));
  });
}
