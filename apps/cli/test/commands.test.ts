// Commands of staff against a whole server in this process: a recording's time, the retention schedule, holds.
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { formatId } from "@sworn/custody";
import { startTestbed, type Testbed, type TestbedForce } from "@sworn/testbed";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sworn, type Ended } from "./cli-rig.ts";

let folder: string;
let testbed: Testbed;
let force: TestbedForce;
let secondKey: string;
/** Filmed in a boot that no dock ever saw: its clock is nobody's. */
let recording: string;

const asFirst = (...words: string[]): Promise<Ended> =>
  sworn({ SWORN_URL: testbed.server.url, SWORN_API_KEY: force.apiKey }, ...words);
const asSecond = (...words: string[]): Promise<Ended> =>
  sworn({ SWORN_URL: testbed.server.url, SWORN_API_KEY: secondKey }, ...words);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sworn-cli-"));
  await chmod(folder, 0o711);
  const wanted = { name: "Test Force", slug: "test", prefix: "TST", administrator: "A. Jones" };
  testbed = await startTestbed({
    ...{ folder: join(folder, "data"), purpose: "test" },
    forces: [{ ...wanted, boroughs: [{ name: "Camden", cameras: 1 }] }],
  });
  const [first] = testbed.forces;
  const camera = first?.cameras[0];
  if (first === undefined || camera === undefined) throw new Error("the testbed has no force or camera");
  force = first;
  const second = await force.staff.addPerson({ name: "B. Smith", administrator: true });
  secondKey = (await force.staff.issueApiKey({ personId: second.id, label: "cli" })).secret;
  await camera.switchOn();
  const filming = { source: { kind: "scene", seed: "s" }, pace: "as-fast" } as const;
  const sealed = await camera.record({ filming, durationMs: 2_000, prerecordMs: 0 });
  recording = formatId(sealed.id);
  await camera.switchOff();
  await camera.switchOn();
  await force.dock([camera]);
}, 120_000);
afterAll(async () => {
  await testbed.discard();
  await rm(folder, { recursive: true, force: true });
}, 60_000);

describe("sworn recording time", () => {
  it("decides a time that is not certain, and the ledger has it", async () => {
    const waits = await asFirst("recording", "show", recording, "--json");
    expect(waits.json()).toMatchObject({ retention: { standing: "waits-for-person" } });
    const late = await asFirst("recording", "time", recording, "--ended", "2099-01-01", "--reason", "x");
    expect([late.exitCode, late.stderr]).toEqual([1, expect.stringContaining("cannot have ended after")]);
    const ended = new Date(testbed.clock.nowMs() - 86_400_000).toISOString();
    const decide = ["recording", "time", recording, "--ended", ended, "--reason", "Log of CAD-1"];
    const decided = await asFirst(...decide, "--json");
    expect([decided.exitCode, decided.stderr]).toEqual([0, ""]);
    expect(decided.json()).toMatchObject({ recordingId: recording, standing: "not-due" });
    const shown = await asFirst("recording", "show", recording);
    expect(shown.stdout).toContain("clock: decided");
    expect(shown.stdout).toContain("recorded-time-decided");
  });
});

describe("sworn retention", () => {
  const propose = [
    "retention",
    "propose",
    "training",
    "--citation",
    "Policy 12.3",
    "--reason",
    "Longer courses",
  ];

  it("lists the classes, the default among them", async () => {
    expect((await asFirst("retention", "classes")).stdout).toMatch(/non-evidential \(default\) +31 days/);
  });

  it("changes a class by two people only", async () => {
    const proposed = await asFirst(...propose, "--days", "90", "--json");
    expect([proposed.exitCode, proposed.stderr]).toEqual([0, ""]);
    const { id } = proposed.json() as { id: string };
    expect(proposed.json()).toMatchObject({ class: "training", periodDays: 90, state: "proposed" });
    const alone = await asFirst("retention", "confirm", id);
    expect([alone.exitCode, alone.stderr]).toEqual([1, expect.stringContaining("cannot confirm it")]);
    const confirmed = await asSecond("retention", "confirm", id);
    expect(confirmed.exitCode, confirmed.stderr).toBe(0);
    expect(confirmed.stdout).toContain(`change     ${id}: confirmed`);
    expect((await asFirst("retention", "classes", "--json")).json()).toContainEqual(
      expect.objectContaining({ class: "training", periodDays: 90, version: 2 }),
    );
    expect((await asSecond("retention", "withdraw", id)).exitCode).toBe(1);
  });

  it("withdraws a proposal, and lists what became of each", async () => {
    const proposed = await asFirst(
      ...propose,
      "--days",
      "none",
      "--review-days",
      "30",
      "--existing",
      "--json",
    );
    const { id } = proposed.json() as { id: string };
    expect(proposed.json()).toMatchObject({ periodDays: null, reviewDays: 30, applyToExisting: true });
    expect((await asFirst("retention", "withdraw", id, "--json")).json()).toMatchObject({
      state: "withdrawn",
    });
    const states = (await asFirst("retention", "changes", "--json")).json() as { state: string }[];
    expect(states.map(({ state }) => state).sort()).toEqual(["confirmed", "withdrawn"]);
  });

  it("refuses what would keep everybody for ever, and a class without a title", async () => {
    const words = ["--citation", "c", "--reason", "r", "--days"];
    expect((await asFirst("retention", "propose", "non-evidential", ...words, "none")).exitCode).toBe(1);
    const untitled = await asFirst("retention", "propose", "brand-new", ...words, "7");
    expect([untitled.exitCode, untitled.stderr]).toEqual([1, expect.stringContaining("give it a title")]);
  });
});

it("sworn hold list --all lists released holds too", async () => {
  const words = [
    "--incident",
    "CAD-9",
    "--kind",
    "other",
    "--reason",
    "r",
    "--review",
    "2099-01-01",
    "--json",
  ];
  const placed = (await asFirst("hold", "place", ...words)).json() as { hold: { id: string } };
  await asFirst("hold", "release", placed.hold.id, "--reason", "done");
  expect((await asFirst("hold", "list", "--json")).json()).toEqual([]);
  expect((await asFirst("hold", "list", "--all", "--json")).json()).toMatchObject([{ id: placed.hold.id }]);
});

describe("sworn finding", () => {
  it("lists what waits, and resolves it by name", async () => {
    const listed = await asFirst("finding", "list", "--kind", "uncertain-clock", "--json");
    expect([listed.exitCode, listed.stderr]).toEqual([0, ""]);
    const [finding] = listed.json() as { id: string; recordingId: string }[];
    if (finding === undefined) throw new Error("no finding tells of the uncertain clock");
    expect((await asFirst("finding", "list", "--recording", finding.recordingId)).stdout).toContain(
      finding.id,
    );
    const resolved = await asFirst("finding", "resolve", finding.id, "--reason", "Log of CAD-1", "--json");
    expect([resolved.exitCode, resolved.stderr]).toEqual([0, ""]);
    expect(resolved.json()).toMatchObject({ id: finding.id, resolvedAt: expect.any(String) as unknown });
    const waits = (await asFirst("finding", "list", "--json")).json() as { id: string }[];
    expect(waits.map(({ id }) => id)).not.toContain(finding.id);
    const answered = (await asFirst("finding", "list", "--resolved", "--json")).json() as { id: string }[];
    expect(answered.map(({ id }) => id)).toContain(finding.id);
  });

  it("says what is wrong", async () => {
    expect((await asFirst("finding", "list", "--kind", "whim")).exitCode).toBe(2);
    expect((await asFirst("finding", "resolve", "x", "--reason", "y")).exitCode).toBe(2);
    const unknown = await asFirst("finding", "resolve", recording, "--reason", "y", "--json");
    expect([unknown.exitCode, unknown.json()]).toMatchObject([1, { error: { code: "not-found" } }]);
  });
});
