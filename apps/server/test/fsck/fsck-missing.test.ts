// What is missing, what is too much, and acts that should not have been: found and named.
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { about, startFsckStore, told, type FsckStore } from "./fsck-store.ts";

let store: FsckStore;
let objects: string[];
beforeAll(async () => {
  store = await startFsckStore();
  objects = await store.files("objects");
}, 120_000);
afterAll(() => store.stop());

const gone = (): null => null;
const some = (): Buffer => Buffer.from("something");
const objectKey = (path: string): string => (path.split("/")[3] ?? "").replaceAll("_", "/");
const find = (paths: readonly string[], ...words: string[]): string => {
  const found = paths.find((path) => words.every((word) => path.includes(word)));
  if (found === undefined) throw new Error(`no file is of ${words.join(" ")}`);
  return found;
};

describe("missing", () => {
  it.each([
    ["_media-", "object-altered", "part-00001"],
    ["_media-", "object-missing", "index.json"],
    ["_receipt", "copy-missing", "index.json"],
    ["_manifest-", "copy-missing", "index.json"],
  ])("of an object %s: %s without %s", async (name, kind, file) => {
    const path = find(objects, store.kept.id, name, file);
    const report = await store.withFile(path, gone, 1);
    expect(told(report)).toContain(`${kind} object ${objectKey(path)}`);
  });

  it("a segment of a journal: what follows it is still checked", async () => {
    const path = find(objects, `journals_${store.camera.id}`, "index.json");
    expect(told(await store.withFile(path, gone))).toEqual([`segment-missing object ${objectKey(path)}`]);
  });

  it("a key in one place, and in both", async () => {
    const [first, second] = [
      find(await store.files("keys-a"), `recording_${store.kept.id}.key`),
      find(await store.files("keys-b"), `recording_${store.kept.id}.key`),
    ];
    const one = await store.withFile(second, gone);
    expect(one.problems).toMatchObject([{ kind: "key-copy-missing", subject: { place: 2 } }]);
    const both = await store.withBoth([first, second], gone, 4);
    expect(told(both)).toEqual([`key-missing key recording/${store.kept.id}`]);
  });

  it("a tombstone in one place, and in both", async () => {
    const [first, second] = [
      find(await store.files("keys-a"), `recording_${store.gone.id}.destroyed`),
      find(await store.files("keys-b"), `recording_${store.gone.id}.destroyed`),
    ];
    expect(told(await store.withFile(first, gone, 1))).toEqual([
      `tombstone-missing key recording/${store.gone.id}`,
    ]);
    expect(told(await store.withBoth([first, second], gone, 1))).toEqual([
      `not-destroyed key recording/${store.gone.id}`,
    ]);
  });

  it.each(["tile/0/000", "tile/entries/000", "private/000", "checkpoint"])("%s of the log", async (name) => {
    const path = `ledger/${store.forceId}/${name}`;
    const report = await store.withFile(path, gone);
    expect(report.problems[0]?.subject).toEqual({ type: "tile", id: name });
    expect(report.problems[0]?.severity).toBe("damage");
  });

  it("bytes of an upload that is under way", async () => {
    const path = find(objects, store.cut.id, "part-00001");
    const report = await store.withFile(path, (bytes) => bytes.subarray(1), 1);
    expect(about(report, "upload-short")).toMatchObject([{ subject: { recording: store.cut.id } }]);
  });

  it("a recording's row, of which journal and ledger tell", async () => {
    const report = await store.within(
      [
        `delete from sworn.derivative where recording_id = '${store.kept.id}'`,
        `delete from sworn.recording where id = '${store.kept.id}'`,
      ],
      4,
    );
    expect(about(report, "recording-unknown").map(({ subject }) => subject.id)).toEqual([
      store.kept.id,
      store.kept.id,
    ]);
  });

  it("the newest rows of the ledger: the database was restored", async () => {
    const report = await store.within(["delete from sworn.ledger_entry where index > 200"], 4);
    expect(about(report, "database-behind")).toHaveLength(1);
  });

  it("a recording that the camera says it freed", async () => {
    const report = await store.within(
      [
        `delete from sworn.upload where recording_id = '${store.cut.id}'`,
        `insert into sworn.freed_recording values ('${store.forceId}', '${store.camera.id}', '${store.cut.id}', 9, sha256('x'))`,
        `insert into sworn.freed_recording values ('${store.forceId}', '${store.camera.id}', '${store.kept.id}', 9, sha256('x'))`,
      ],
      4,
    );
    expect(about(report, "recording-missing").map(({ subject }) => subject.id)).toEqual([store.cut.id]);
    expect(about(report, "freed-without-receipt").map(({ subject }) => subject.id)).toEqual([store.kept.id]);
  });
});

describe("too much", () => {
  it("the media of a destroyed recording, and whatever else of it", async () => {
    const [row] = await store.sql("select object_key from sworn.recording where id = $1", [store.gone.id]);
    const key = String(row?.["object_key"]);
    await store.server.store.putObject(key, store.gone.media);
    expect(told(await store.check(1))).toEqual([`object-undead object ${key}`]);
    await store.server.store.delete(key);
    const poster = `${store.forceId}/recordings/${store.gone.id}/derivatives/${randomUUID()}`;
    await store.server.store.putObject(poster, some());
    expect(told(await store.check(1))).toEqual([`object-undead object ${poster}`]);
    await store.server.store.delete(poster);
  });

  it("the key of a destroyed recording, in either place", async () => {
    for (const place of ["keys-a", "keys-b"]) {
      const tombstone = find(await store.files(place), `recording_${store.gone.id}.destroyed`);
      const path = tombstone.replace("/destroyed/", "/keys/").replace(/\.destroyed$/, ".key");
      const report = await store.withFile(path, some, 1);
      expect(report.problems).toMatchObject([
        {
          kind: "key-undead",
          subject: { id: `recording/${store.gone.id}`, place: place === "keys-a" ? 1 : 2 },
        },
      ]);
    }
  });

  it("objects, keys and files that nothing names: notices, and still clean", async () => {
    const stray = `${store.forceId}/recordings/${randomUUID()}/media-x`;
    await store.server.store.putObject(stray, some());
    const key = `recording/${randomUUID()}`;
    await store.server.keys.put(key, some());
    const report = await store.withFile("keys-a/keys/00/strange.txt", some, 1);
    await store.server.store.delete(stray);
    expect(told(report).sort()).toEqual([
      `file-extra file strange.txt`,
      `key-extra key ${key}`,
      `object-extra object ${stray}`,
    ]);
    expect(report.isClean).toBe(true);
    const log = await store.withFile(`ledger/${store.forceId}/tile/0/009`, some);
    expect(told(log).sort()).toEqual(["file-extra tile tile/0/009", `key-extra key ${key}`]);
    await store.server.keys.delete(key);
  });
});

describe("acts that should not have been", () => {
  it("a recording destroyed while a hold stood", async () => {
    const hold = `insert into sworn.hold (id, force_id, kind, reason, owner_id, review_at, scope, recording_id, placed_by, placed_at)
      values ('${randomUUID()}', '${store.forceId}', 'evidence', 'x', '${store.met.personId}', now(), 'recording',
        '${store.gone.id}', '${store.met.personId}', '2026-01-20')`;
    const report = await store.within([hold], 4);
    expect(told(report)).toEqual([`destroyed-while-held recording ${store.gone.id}`]);
  });

  it("a recording kept past its day without a hold, which is no damage", async () => {
    const before = store.server.clock.nowMs();
    store.server.clock.advanceMs(40 * 86_400_000);
    const report = await store.within([`update sworn.recording set class = 'non-evidential'`], 4);
    store.server.clock.setMs(before);
    // A clock runs only where the time of the recording is certain.
    const certain = await store.sql(
      "select id::text from sworn.recording where state = 'collected' and clock = 'dock' and id <> $1 order by id::text",
      [store.held.id],
    );
    expect(certain.length).toBeGreaterThan(0);
    expect(
      about(report, "overdue")
        .map(({ subject }) => subject.id)
        .sort(),
    ).toEqual(certain.map(({ id }) => id));
    expect(about(report, "overdue")[0]?.severity).toBe("warning");
  });

  it("a recording collected or destroyed without an entry", async () => {
    const report = await store.within(
      [`update sworn.recording set destroy_entry_id = 1 where id = '${store.gone.id}'`],
      4,
    );
    expect(about(report, "entry-missing")).toMatchObject([{ subject: { recording: store.gone.id } }]);
  });

  it("a destroyed recording whose row says that it is kept", async () => {
    const report = await store.within(
      [`update sworn.recording set state = 'collected', destroyed_at = null where id = '${store.gone.id}'`],
      4,
    );
    expect(told(report)).toContain(`key-missing key recording/${store.gone.id}`);
    expect(
      about(report, "row-altered")
        .map(({ message }) => message)
        .join(),
    ).toContain("says that it is kept");
  });
});
