/** What goes wrong is told by a closed code, ends the stream, and leaves no process behind. */

import { spawn } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { chooseBackend, EncodeError, startEncoder } from "../../node/encode/index.ts";
import type { BackendName, Encoder, EncodeSource } from "../../node/encode/index.ts";
import { presentBackends } from "./stream-check.ts";

const present = await presentBackends();
const PLAYLIST = "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:1,\nreal.mp4\n#EXT-X-ENDLIST\n";
const SMALL = { width: 320, height: 180, fps: 10, bitrateKbps: 300 } as const;

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sworn-faults-"));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe.each<BackendName>(["node-av", "ffmpeg"])("%s", (backend) => {
  const missing = !present.has(backend);
  const name = (text: string): string => (missing ? `${text} (skipped: ${backend} is not installed)` : text);
  const start = (source: EncodeSource): Promise<Encoder> =>
    startEncoder({ ...SMALL, source, backend, pace: "real-time", wallClockMs: () => 0 });

  // This back end is not on the machine; the other one is tested.
  it.skipIf(missing)(
    name("tells what is wrong with a source file"),
    async () => {
      const put = async (file: string, content: string | Uint8Array): Promise<string> => {
        await writeFile(join(folder, file), content);
        return join(folder, file);
      };
      await put("real.mp4", await shortFilm(backend));
      const cases: [path: string, code: string][] = [
        [join(folder, "absent.mp4"), "source-missing"],
        [folder, "source-unreadable"],
        [await put("empty.mp4", ""), "source-unreadable"],
        [await put("text.mp4", "this is not a video\n".repeat(200)), "source-unreadable"],
        // Both would play if they were let: they point at a real film beside them.
        [await put("list.m3u8", PLAYLIST), "source-unreadable"],
        [await put("concat.mp4", "ffconcat version 1.0\nfile real.mp4\n"), "source-unreadable"],
        [await put("sound.avi", soundOnlyAvi()), "source-no-video"],
      ];
      for (const [path, code] of cases) {
        const error: unknown = await start({ kind: "file", path }).then(
          () => null,
          (caught: unknown) => caught,
        );
        expect(error, path).toBeInstanceOf(EncodeError);
        expect(error, path).toMatchObject({ code });
      }
    },
    60_000,
  );

  // This back end is not on the machine; the other one is tested.
  it.skipIf(missing)(
    name("ends the stream with an error when the child is killed, and leaves no process"),
    async () => {
      const encoder = await start({ kind: "scene", seed: "k" });
      const reading = drain(encoder);
      await pause(600);
      const family = [encoder.pid, ...(await childrenOf(encoder.pid))];
      expect(family).toHaveLength(backend === "ffmpeg" ? 2 : 1);
      process.kill(encoder.pid, "SIGKILL");
      expect(await reading).toMatchObject({ code: "child-crashed" });
      await expect(encoder.done).rejects.toMatchObject({ code: "child-crashed" });
      expect(await livingAfter(family, 5000)).toEqual([]);
    },
  );

  // This back end is not on the machine; the other one is tested.
  it.skipIf(missing)(name("can be killed by the caller, and dies with a reader that leaves"), async () => {
    const killed = await start({ kind: "scene", seed: "k" });
    killed.kill();
    expect(await drain(killed)).toMatchObject({ code: "killed" });
    const left = await startEncoder({
      ...SMALL,
      source: { kind: "scene", seed: "k" },
      backend,
      pace: "as-fast",
      wallClockMs: () => 0,
    });
    for await (const chunk of left.fragments) if (chunk.length > 0) break;
    expect(await livingAfter([left.pid], 5000)).toEqual([]);
  });

  // This back end is not on the machine; the other one is tested.
  it.skipIf(missing)(name("does not outlive its parent"), async () => {
    const entry = fileURLToPath(new URL("../../node/encode/index.ts", import.meta.url));
    const program = `import { startEncoder } from ${JSON.stringify(entry)};
      const encoder = await startEncoder({ ...${JSON.stringify({ ...SMALL, backend, source: { kind: "scene", seed: "p" } })}, wallClockMs: Date.now });
      console.log(encoder.pid);
      for await (const chunk of encoder.fragments) void chunk;`;
    const parent = spawn(process.execPath, ["--input-type=module", "-e", program], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const pid = await new Promise<number>((resolve) => {
      parent.stdout.once("data", (text: Buffer) => {
        resolve(Number(text.toString()));
      });
    });
    await pause(300);
    const family = [pid, ...(await childrenOf(pid))];
    parent.kill("SIGKILL");
    expect(await livingAfter(family, 5000)).toEqual([]);
  });
});

describe("choosing a back end", () => {
  it("says what to install where there is none", async () => {
    const env = { SWORN_ENCODER: "ffmpeg", SWORN_FFMPEG: join(folder, "no-such-ffmpeg") };
    await expect(chooseBackend(undefined, env)).rejects.toMatchObject({ code: "no-backend" });
    await expect(chooseBackend(undefined, env)).rejects.toThrow(/install/);
  });

  it("leaves no child behind when the camera's clock cannot be read", async () => {
    const wallClockMs = (): number => {
      throw new Error("clock");
    };
    const before = await childrenOf(process.pid);
    const starting = startEncoder({ ...SMALL, source: { kind: "scene", seed: "" }, wallClockMs });
    await expect(starting).rejects.toMatchObject({ code: "bad-option" });
    const started = (await childrenOf(process.pid)).filter((pid) => !before.includes(pid));
    expect(await livingAfter(started, 5000)).toEqual([]);
  });

  it("refuses a back end that does not exist", async () => {
    await expect(chooseBackend(undefined, { SWORN_ENCODER: "vlc" })).rejects.toMatchObject({
      code: "bad-option",
    });
  });

  it.each([
    { width: 641 },
    { fps: 0 },
    { fps: 12.5 },
    { durationMs: Number.NaN },
    { height: 1e9 },
    { bitrateKbps: -1 },
  ])("refuses settings out of bounds: %o", async (wrong) => {
    const asked = { source: { kind: "scene", seed: "" } as const, wallClockMs: () => 0, ...wrong };
    await expect(startEncoder(asked)).rejects.toMatchObject({ code: "bad-option" });
  });
});

async function shortFilm(backend: BackendName): Promise<Uint8Array> {
  const source = { kind: "scene", seed: "short" } as const;
  const how = { ...SMALL, source, backend, pace: "as-fast", durationMs: 1000 } as const;
  const encoder = await startEncoder({ ...how, wallClockMs: () => 0 });
  const chunks: Uint8Array[] = [];
  for await (const chunk of encoder.fragments) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function drain(encoder: Encoder): Promise<unknown> {
  try {
    for await (const chunk of encoder.fragments) if (chunk.length === 0) return "an empty chunk";
    return null;
  } catch (error) {
    return error;
  }
}

/** Linux only, like the cameras: reads who has this parent from /proc. */
async function childrenOf(pid: number): Promise<number[]> {
  const all = (await readdir("/proc")).map(Number).filter((candidate) => candidate > 0);
  const parents = await Promise.all(
    all.map(async (candidate) => ({ candidate, parent: (await statOf(candidate)).parent })),
  );
  return parents.filter(({ parent }) => parent === pid).map(({ candidate }) => candidate);
}

async function statOf(pid: number): Promise<{ state: string; parent: number }> {
  const text = await readFile(`/proc/${String(pid)}/stat`, "utf8").catch(() => "");
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return { state: fields[0] ?? "", parent: Number(fields[1] ?? 0) };
}

/** Which of these still run when the time is over. One whose parent is gone and that nobody reaps has ended too. */
async function livingAfter(pids: readonly number[], patienceMs: number): Promise<number[]> {
  const until = performance.now() + patienceMs;
  for (;;) {
    const states = await Promise.all(pids.map(async (pid) => ({ pid, state: (await statOf(pid)).state })));
    const living = states.filter(({ state }) => state !== "" && state !== "Z").map(({ pid }) => pid);
    if (living.length === 0 || performance.now() > until) return living;
    await pause(50);
  }
}

/** A RIFF AVI with one PCM stream and no picture, written by hand. */
function soundOnlyAvi(): Uint8Array {
  const u32 = (...values: number[]): Buffer => Buffer.from(new Uint32Array(values).buffer);
  const u16 = (...values: number[]): Buffer => Buffer.from(new Uint16Array(values).buffer);
  const chunk = (id: string, ...parts: Buffer[]): Buffer => {
    const body = Buffer.concat(parts);
    return Buffer.concat([Buffer.from(id), u32(body.length), body, Buffer.alloc(body.length % 2)]);
  };
  const list = (kind: string, ...parts: Buffer[]): Buffer => chunk("LIST", Buffer.from(kind), ...parts);
  const samples = Buffer.alloc(8000);
  const avih = chunk("avih", u32(0, 16_000, 0, 0x10, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0));
  const strh = chunk(
    "strh",
    Buffer.from("auds"),
    u32(0, 0, 0, 0, 1, 8000, 0, 8000, 0, 0, 1),
    u16(0, 0, 0, 0),
  );
  const strf = chunk("strf", u16(1, 1), u32(8000, 8000), u16(1, 8));
  const movi = list("movi", chunk("00wb", samples));
  return chunk("RIFF", Buffer.from("AVI "), list("hdrl", avih, list("strl", strh, strf)), movi);
}
