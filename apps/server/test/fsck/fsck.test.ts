// fsck over real stored data: nothing is found where nothing is wrong, and what one changed bit, one lost file or one file
// too many makes wrong is found and named.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { about, flipped, startFsckStore, told, type FsckStore } from "./fsck-store.ts";

let store: FsckStore;
let files: { readonly objects: string[]; readonly log: string[] };
beforeAll(async () => {
  store = await startFsckStore();
  files = { objects: await store.files("objects"), log: await store.files("ledger") };
}, 120_000);
afterAll(() => store.stop());

const flip =
  (bit: number) =>
  (bytes: Buffer): Buffer =>
    flipped(bytes, (bytes.length * 8 + bit) % (bytes.length * 8));

function fileOf(...words: string[]): string {
  const found = [...files.objects, ...files.log].filter((path) => words.every((word) => path.includes(word)));
  const [path] = found;
  if (path === undefined || found.length > 1)
    throw new Error(`${found.length.toString()} files are of ${words.join(" ")}`);
  return path;
}

/** The object's key from its file's path. */
const objectKey = (path: string): string => (path.split("/")[3] ?? "").replaceAll("_", "/");
const mediaOf = (id: string): string => fileOf(id, "_media-", "part-00001");
const inLog = (path: string): string => path.split("/").slice(2).join("/");
const current = (level: string): string[] => {
  const tiles = files.log.filter((path) => inLog(path).startsWith(level));
  const width = Math.max(...tiles.map((path) => Number(/\.p\/(\d+)$/.exec(path)?.[1] ?? 0)));
  return tiles.filter((path) => !path.includes(".p/") || path.endsWith(`.p/${width.toString()}`));
};

describe("stored data with nothing wrong", () => {
  it("has no problem at any level, and each level says what it looked at and read", async () => {
    const report = await store.check(4);
    expect(report.problems).toEqual([]);
    expect(report).toMatchObject({ isClean: true, unlisted: 0 });
    expect(report.levels.map(({ level }) => level)).toEqual([1, 2, 3, 4]);
    expect(report.levels[0]).toMatchObject({ bytesRead: 0, checked: { recordings: 5, uploads: 1 } });
    expect(report.levels[2]?.bytesRead).toBeGreaterThan(store.kept.media.length);
    expect(report.levels[3]?.checked).toMatchObject({ cameras: 2, "journaled recordings": 5 });
  });

  it("is not changed by looking", async () => {
    const before = await store.files("");
    await store.check(4);
    expect(await store.files("")).toEqual(before);
  });
});

describe("one flipped bit in media", () => {
  it.each([0, 1, 2, 4])("in part %i is found without keys, with its seconds", async (part) => {
    const start = store.kept.parts.slice(0, part).reduce((sum, bytes) => sum + bytes.length, 0);
    const path = mediaOf(store.kept.id);
    const length = store.kept.parts[part]?.length ?? 0;
    const report = await store.withFile(path, flip((start + Math.floor(length / 2)) * 8 + part), 2);
    expect(told(report)).toEqual([`object-altered object ${objectKey(path)}`]);
    expect(report.problems[0]).toMatchObject({
      subject: { recording: store.kept.id, part },
      force: store.forceId,
    });
    expect(report.problems[0]?.seconds).toEqual(
      part === 0 ? undefined : { from: part * 2 - 2, to: part * 2 },
    );
  });

  it("is found once where the plaintext is checked too", async () => {
    const report = await store.withFile(mediaOf(store.kept.id), flip(-1), 3);
    expect(about(report, "object-altered")).toMatchObject([{ subject: { part: 4 } }]);
    expect(report.problems).toHaveLength(1);
  });

  it("is found in what was accepted as altered, and in a working copy", async () => {
    const altered = mediaOf(store.altered.id);
    expect(told(await store.withFile(altered, flip(99), 2))).toEqual([
      `object-altered object ${objectKey(altered)}`,
    ]);
    const poster = fileOf("derivatives", "part-00001");
    expect(told(await store.withFile(poster, flip(5_000), 3))).toEqual([
      `object-altered object ${store.posterKey}`,
    ]);
  });
});

describe("one flipped bit in an object's index", () => {
  it.each([3, 150, 1_200, -300, -700])("at bit %i", async (bit) => {
    const path = fileOf(store.kept.id, "_media-", "index.json");
    const report = await store.withFile(path, flip(bit), 2);
    expect(report.isClean).toBe(false);
    for (const { kind, subject } of report.problems) {
      expect(["object-index-damaged", "object-altered", "object-extra"]).toContain(kind);
      expect(subject.id).toBe(objectKey(path));
    }
  });
});

describe("one flipped bit in a signed statement", () => {
  it.each(["manifest-", "receipt"])("in the object of a %s", async (name) => {
    const path = fileOf(store.kept.id, name, "part-00001");
    expect(told(await store.withFile(path, flip(800)))).toEqual([
      `statement-altered object ${objectKey(path)}`,
    ]);
  });

  it("in the object of a certificate of destruction", async () => {
    const path = fileOf(store.gone.id, "_destruction", "part-00001");
    expect(told(await store.withFile(path, flip(-9)))).toEqual([
      `statement-altered object ${objectKey(path)}`,
    ]);
  });

  it.each([
    ["receipt", "kept"],
    ["manifest", "kept"],
    ["destruction_certificate", "gone"],
  ] as const)("in the row's %s", async (column, which) => {
    const { id } = store[which];
    const report = await store.withRow("recording", column, `id = '${id}'`, flip(1_000));
    const damage = report.problems.filter(({ severity }) => severity === "damage");
    expect(damage.map(({ kind, subject }) => `${kind} ${subject.id}`)).toContain(
      `statement-altered recording ${id}`,
    );
    expect(new Set(damage.map(({ subject }) => subject.recording))).toEqual(new Set([id]));
  });

  it.each([3, 40, 90])("in the row's list of parts, at byte %i", async (byte) => {
    const report = await store.withRow("recording", "parts", `id = '${store.kept.id}'`, flip(byte * 8));
    expect(told(report)).toContain(`parts-list-altered row recording ${store.kept.id}`);
    expect(about(report, "object-altered")).toEqual([]);
  });
});

describe("one flipped bit in a journal", () => {
  it.each([10, 4_000, -20])("at bit %i of a segment", async (bit) => {
    const path =
      files.objects.find((name) => name.includes(`journals_${store.camera.id}`) && name.includes("part-")) ??
      "";
    const report = await store.withFile(path, flip(bit));
    expect(told(report)).toEqual([`segment-altered object ${objectKey(path)}`]);
    expect(report.problems[0]?.subject.camera).toBe(store.camera.id);
  });

  it.each(["seal_hash", "identity", "envelope_hash"])("in the %s of a row", async (column) => {
    const report = await store.withRow("recording", column, `id = '${store.held.id}'`, flip(17));
    expect(about(report, "journal-disagrees")).toMatchObject([{ subject: { recording: store.held.id } }]);
  });

  it("in the head of a camera, and in that of a segment", async () => {
    const head = await store.withRow("camera", "head_hash", `id = '${store.camera.id}'`, flip(3));
    expect(about(head, "journal-broken")).toMatchObject([{ subject: { id: `camera ${store.camera.id}` } }]);
    const where = `camera_id = '${store.camera.id}' and first_sequence = 0`;
    const segment = await store.withRow("journal_segment", "head_hash", where, flip(3));
    expect(about(segment, "journal-broken")[0]?.subject.id).toBe(`journal_segment ${store.camera.id} 0`);
  });
});

describe("one flipped bit in the log", () => {
  it.each(["tile/0", "tile/1", "tile/entries"])("in %s", async (level) => {
    for (const path of current(level)) {
      const report = await store.withFile(path, flip(333));
      expect(told(report)).toContain(`tile-damaged tile ${inLog(path)}`);
      expect(about(report, "tile-damaged")).toHaveLength(1);
    }
  });

  it("in the private entries, in an older part of a tile, and in the checkpoint", async () => {
    for (const path of current("private")) {
      const report = await store.withFile(path, flip(2_000));
      expect([...new Set(told(report))]).toEqual([`private-entry-damaged tile ${inLog(path)}`]);
    }
    const older = files.log.find(
      (path) => inLog(path).startsWith("tile/0") && !current("tile/0").includes(path),
    );
    if (older !== undefined)
      expect(told(await store.withFile(older, flip(20)))).toEqual([`tile-damaged tile ${inLog(older)}`]);
    for (const bit of [5, 400, -40]) {
      const report = await store.withFile(fileOf("ledger/", "/checkpoint"), flip(bit));
      expect(told(report)).toContain("checkpoint-damaged tile checkpoint");
      expect(about(report, "tile-damaged")).toEqual([]);
    }
  });

  it.each(["leaf", "sealed_opening"])("in the %s of an entry's row", async (column) => {
    const [row] = await store.sql("select id from sworn.ledger_entry where index = 5");
    const report = await store.withRow("ledger_entry", column, "index = 5", flip(200));
    expect(told(report)).toContain(`row-altered row ledger_entry ${String(row?.["id"])}`);
  });
});

describe("one flipped bit in the key ring", () => {
  const keyFile = async (place: string, id: string): Promise<string> => {
    const path = (await store.files(place)).find((name) => name.endsWith(`recording_${id}.key`));
    if (path === undefined) throw new Error("the key file is not there");
    return path;
  };

  it.each([
    ["keys-a", 1],
    ["keys-b", 2],
  ])("in %s only", async (folder, place) => {
    for (const bit of [3, 50, 130, 300, -1]) {
      const report = await store.withFile(await keyFile(folder, store.kept.id), flip(bit), 2);
      expect(report.problems).toMatchObject([
        {
          kind: "key-copy-damaged",
          severity: "warning",
          subject: { id: `recording/${store.kept.id}`, place },
        },
      ]);
    }
  });

  it("in both places: the key is lost", async () => {
    const second = await keyFile("keys-b", store.kept.id);
    const before = await store.bytes(second);
    const report = await store.withBoth([await keyFile("keys-a", store.kept.id), second], flip(210), 4);
    expect(told(report)).toEqual([`key-damaged key recording/${store.kept.id}`]);
    expect(await store.bytes(second)).toEqual(before);
  });

  it("in the root key file, wherever: it is the root that is named, not each key", async () => {
    const [root = ""] = await store.files("roots");
    for (const bit of [2, 40, -1]) {
      const report = await store.withFile(root, flip(bit), 4);
      const [problem] = report.problems;
      expect(report.problems).toHaveLength(1);
      expect(problem?.subject).toEqual({ type: "root", id: root.slice("roots/".length) });
      expect(["root-damaged", "ring-unusable"]).toContain(problem?.kind);
    }
  });

  it("in the name of a place", async () => {
    expect(told(await store.withFile("keys-b/ring.json", flip(200), 1))).toEqual(["ring-unusable file keys"]);
  });
});

describe("one flipped bit in the force's keys", () => {
  it.each(["service.crt", "ledger.crt", "service.key", "ledger.key", "anchor.key"])("in %s", async (name) => {
    const report = await store.withFile(`authority/${store.forceId}/${name}`, flip(-60));
    const named = report.problems.filter(
      ({ kind }) => kind === "authority-damaged" || kind === "certificate-invalid",
    );
    expect(named[0]?.subject.id).toContain(store.forceId);
  });
});
