// One recording of the camera's real encoder, played by the minimal page in a real Chromium.
import { createRequire } from "node:module";
import { accessSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { chromium, type Browser, type BrowserContext, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FragmentSplitter } from "@sworn/media";
import { startEncoder } from "../apps/camera/node/encode/index.ts";
import { silentLog } from "../apps/server/src/platform/log.ts";
import {
  startPlaybackServer,
  type PlaybackServer,
  type PutRecording,
  type TimedPlaintext,
} from "../apps/server/test/playback/playback-server.ts";

const chromiumPath = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(
  (path) => {
    try {
      accessSync(path);
      return true;
    } catch {
      return false;
    }
  },
);
const durationMs = 16_000;

async function film(): Promise<TimedPlaintext[]> {
  const encoder = await startEncoder({
    source: { kind: "scene", seed: "playback" },
    wallClockMs: () => Date.UTC(2026, 0, 15, 12),
    ...{ width: 960, height: 540, bitrateKbps: 1200, pace: "as-fast", durationMs },
    labels: { cameraId: "LEW-07", borough: "Lewisham" },
  });
  const splitter = new FragmentSplitter();
  const parts: TimedPlaintext[] = [];
  for await (const bytes of encoder.fragments) {
    for (const part of splitter.push(bytes)) {
      const times = part.kind === "init" ? { startMs: 0, durationMs: 0 } : part;
      parts.push({ bytes: part.bytes.slice(), startMs: times.startMs, durationMs: times.durationMs });
    }
  }
  splitter.finish();
  await encoder.done;
  return parts;
}

// Chromium is the point of these tests; npm test installs it, or says what to install.
describe.skipIf(chromiumPath === undefined)("the player's page", () => {
  let given: PlaybackServer;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let recording: PutRecording;
  let key: string;
  const requests: string[] = [];
  const complaints: string[] = [];

  async function begin(): Promise<string> {
    const path = `/v1/recordings/${recording.id}/plays`;
    const answer = await given.server.call("POST", path, { key, body: { reason: "Proof that it plays" } });
    return given.server.url + String(answer.body["url"]);
  }

  beforeAll(async () => {
    given = await startPlaybackServer();
    const force = await given.found("met");
    key = force.key;
    const parts = await film();
    const camera = crypto.randomUUID();
    await given.server.test.asAdministrator(
      `insert into sworn.camera (id, force_id, name, model, spki, certificate, certificate_hash, serial, enrolled_at)
       values ($1, $2, 'LEW-07', 'headless', '', '', $3, '1', now())`,
      [camera, force.forceId, Buffer.alloc(32)],
    );
    recording = await given.put(force.forceId, parts, { camera_id: camera, number: 12 });
    await given.playback.posterTask.run(
      { recordingId: recording.id, derivativeId: crypto.randomUUID() },
      {
        forceId: force.forceId,
        personId: null,
        attempt: 1,
        signal: new AbortController().signal,
        log: silentLog,
      },
    );
    browser = await chromium.launch({
      executablePath: chromiumPath ?? "",
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-first-run",
        "--autoplay-policy=no-user-gesture-required",
      ],
    });
    context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    context.on("request", (request) => requests.push(request.url()));
    page = await context.newPage();
    page.on("console", (message) => {
      if (message.type() === "error") complaints.push(message.text());
    });
    page.on("pageerror", (error) => complaints.push(error.message));
    await page.goto(await begin());
  }, 120_000);
  afterAll(async () => {
    await browser.close();
    await given.stop();
  });

  const video = () => page.locator("video");
  const state = () =>
    video().evaluate((element: HTMLVideoElement) => ({
      at: element.currentTime,
      width: element.videoWidth,
      seconds: element.duration,
      paused: element.paused,
      error: element.error?.message ?? null,
    }));
  const screenshot = async (name: string): Promise<void> => {
    const folder = process.env["SWORN_SCREENSHOTS"];
    if (folder === undefined) return;
    mkdirSync(folder, { recursive: true });
    await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
  };

  it("leaves no code in the address, and says what is played", async () => {
    expect(new URL(page.url()).search).toBe("");
    await expect
      .poll(() => page.getByRole("heading", { level: 1 }).textContent())
      .toBe("Recording 12, camera LEW-07");
    const text = await page.locator("main").textContent();
    expect(text).toContain(recording.id);
    expect(text).toContain("Verified");
    expect(text).toContain("15 January 2026");
    expect(await page.title()).toBe("Recording 12, camera LEW-07 – Sworn");
    const poster = await video().evaluate(async (element: HTMLVideoElement) => {
      const image = new Image();
      image.src = element.poster;
      await image.decode();
      return image.naturalWidth;
    });
    expect(poster).toBe(640);
    await screenshot("poster-1280");
  });

  it("plays: the time runs and there are pictures", async () => {
    await video().evaluate((element: HTMLVideoElement) => {
      element.muted = true;
      return element.play();
    });
    await expect.poll(async () => (await state()).at, { timeout: 15_000 }).toBeGreaterThan(1);
    const { width, seconds, error } = await state();
    expect([width, error]).toEqual([960, null]);
    expect(Math.abs(seconds - durationMs / 1000)).toBeLessThan(0.3);
    const painted = await video().evaluate((element: HTMLVideoElement) => {
      const canvas = document.createElement("canvas");
      [canvas.width, canvas.height] = [96, 54];
      const drawing = canvas.getContext("2d");
      drawing?.drawImage(element, 0, 0, 96, 54);
      const pixels = drawing?.getImageData(0, 0, 96, 54).data ?? [];
      return new Set(pixels).size;
    });
    expect(painted).toBeGreaterThan(20);
    await screenshot("playing-1280");
  });

  it("seeks by fetching the fragment that is wanted", async () => {
    await video().evaluate((element: HTMLVideoElement) => {
      element.currentTime = 13;
    });
    await expect.poll(async () => (await state()).at, { timeout: 15_000 }).toBeGreaterThan(13.2);
    expect((await state()).error).toBeNull();
    await video().evaluate((element: HTMLVideoElement) => {
      element.currentTime = 2;
    });
    await expect.poll(async () => (await state()).at, { timeout: 15_000 }).toBeLessThan(6);
  });

  it("works with the keyboard alone", async () => {
    await video().evaluate((element: HTMLVideoElement) => {
      element.pause();
    });
    await page.locator("body").press("Tab");
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe("VIDEO");
    await page.keyboard.press("Space");
    await expect.poll(async () => (await state()).paused).toBe(false);
    await page.keyboard.press("Space");
    await expect.poll(async () => (await state()).paused).toBe(true);
    const before = (await state()).at;
    await page.keyboard.press("ArrowRight");
    await expect.poll(async () => (await state()).at).toBeGreaterThan(before);
    await screenshot("focus-1280");
  });

  it.each([1280, 390])(
    "has no violation that axe knows, and no sideways scrolling, at %i pixels",
    async (width) => {
      await page.setViewportSize({ width, height: 800 });
      const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
      // Past the page's policy, as a debugger may: the page itself could not run it.
      await page.evaluate(axe);
      const violations = await page.evaluate(async () => {
        const given = (
          globalThis as unknown as { axe: { run(): Promise<{ violations: { id: string; help: string }[] }> } }
        ).axe;
        return (await given.run()).violations.map(({ id, help }) => `${id}: ${help}`);
      });
      expect(violations).toEqual([]);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect(overflow).toBeLessThanOrEqual(0);
      await screenshot(`page-${String(width)}`);
    },
  );

  it("asks no other host for anything, and the page broke no rule of its own policy", () => {
    expect(requests.length).toBeGreaterThan(8);
    const allowed = new Set(["data:", "blob:"]);
    const foreign = requests.filter(
      (url) => !url.startsWith(`${given.server.url}/`) && !allowed.has(new URL(url).protocol),
    );
    expect(foreign).toEqual([]);
    expect(complaints).toEqual([]);
  });

  it("tells somebody without the cookie, or after the end, in words", async () => {
    const stranger = await browser.newContext();
    const other = await stranger.newPage();
    const answer = await other.goto(page.url());
    expect(answer?.status()).toBe(403);
    expect(await other.getByRole("heading", { level: 1 }).textContent()).toBe(
      "This viewing cannot be opened",
    );
    await stranger.close();
  });

  it("was one view, however much was fetched", async () => {
    const entries = await given.server.test.asAdministrator(
      "select id from sworn.ledger_entry where event = 'recording-viewed'",
    );
    expect(entries).toHaveLength(1);
  });
});
