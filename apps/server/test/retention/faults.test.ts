// Every step of a destruction fails, both ways (did not happen; happened, and was reported failed), and a hold comes in at
// every step. Whatever happens, the next run ends it, and a hold that came before the key was gone has won.
import type { RecordingId } from "@sworn/contract";
import { parseDestruction } from "@sworn/custody";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  destroyRecording,
  keyIdOf,
  placeHold,
  releaseHold,
  runRetention,
  type RetentionPorts,
} from "../../src/retention/index.ts";
import { dayMs, startRetentionTest, type RetentionTest } from "./retention-fixture.ts";

let test: RetentionTest;
beforeAll(async () => {
  test = await startRetentionTest();
});
afterAll(async () => {
  await test.stop();
});

class Crash extends Error {
  readonly code = "crash";
}

type Around = (step: string, act: () => Promise<unknown>) => Promise<unknown>;

/** The same ports, with every call to key ring, store and ledger going through `around`. */
function wrapped(ports: RetentionPorts, around: Around): RetentionPorts {
  const wrap = <T extends object>(port: T, name: string): T =>
    new Proxy(port, {
      get(target, property) {
        const value = Reflect.get(target, property) as unknown;
        if (typeof value !== "function") return value;
        return (...given: unknown[]) =>
          around(
            `${name}.${String(property)}`,
            () => Reflect.apply(value, target, given) as Promise<unknown>,
          );
      },
    });
  return {
    ...ports,
    keys: wrap(ports.keys, "keys"),
    objects: wrap(ports.objects, "objects"),
    ledger: wrap(ports.ledger, "ledger"),
  };
}

const actor = () => ({ forceId: test.forceId, personId: test.personId, isAdministrator: true });
const holdOn = (recordingId: RecordingId) =>
  placeHold(test.ports, actor(), {
    kind: "evidence",
    reason: "It races",
    reviewAt: new Date(test.server.clock.nowMs() + dayMs).toISOString(),
    scope: { kind: "recording", recordingId },
  });
const keyIsThere = async (id: RecordingId) => (await test.keys.get(keyIdOf(id))).kind === "key";
const count = (events: readonly string[], event: string) => events.filter((one) => one === event).length;

async function dueRecording(): Promise<RecordingId> {
  return test.collect({ endedDays: -40, receivedDays: -40 });
}

async function expectDestroyed(id: RecordingId): Promise<void> {
  const events = await test.events(id);
  expect(await test.state(id)).toBe("destroyed");
  expect(count(events, "recording-destroyed")).toBe(1);
  expect(count(events, "destroy-ordered")).toBe(count(events, "destroy-cancelled") + 1);
  expect(await keyIsThere(id)).toBe(false);
  expect(await test.objects.stat(test.mediaKey(id))).toEqual({ kind: "absent" });
  const rows = await test.server.test.asAdministrator(
    "select destruction_certificate as c from sworn.recording where id = $1",
    [id],
  );
  const stored = new Uint8Array(rows[0]?.["c"] as Uint8Array);
  const opened = await test.objects.openObject(`${test.forceId}/recordings/${id}/destruction`);
  if (opened.kind === "absent") throw new Error("no certificate beside the objects");
  expect(new Uint8Array(await opened.object.read(0, opened.object.sizeBytes))).toEqual(stored);
  const { value } = parseDestruction(stored);
  expect(value.orderedAtMs).toBeLessThanOrEqual(value.keyDestroyedAtMs);
  expect(value.keyDestroyedAtMs).toBeLessThanOrEqual(value.objectsDestroyedAtMs);
}

/** Crashes at the call with this number; gives the step, or null when there was no such call. */
async function crashAt(id: RecordingId, at: number, how: "before" | "after"): Promise<string | null> {
  let calls = 0;
  const crash: { step: string | null } = { step: null };
  const ports = wrapped(test.ports, async (step, act) => {
    calls += 1;
    if (crash.step !== null) throw new Crash(step);
    if (calls !== at) return act();
    crash.step = step;
    if (how === "after") await act();
    throw new Crash(step);
  });
  const ended = await destroyRecording(ports, test.forceId, id).catch((error: unknown) => error);
  if (crash.step !== null) expect(ended).toBeInstanceOf(Crash);
  return crash.step;
}

describe("destruction", () => {
  it.each(["before", "after"] as const)(
    "is finished by the next run after a crash %s any step",
    async (how) => {
      const steps: string[] = [];
      for (let at = 1; ; at += 1) {
        const id = await dueRecording();
        const step = await crashAt(id, at, how);
        if (step === null) break;
        steps.push(step);
        // What is called destroyed is; what is not, goes on.
        if ((await test.state(id)) !== "destroyed") {
          expect(count(await test.events(id), "recording-destroyed")).toBe(0);
        }
        expect(await runRetention(test.ports, test.forceId)).toMatchObject({ failed: 0 });
        await expectDestroyed(id);
      }
      for (const expected of [
        "keys.delete",
        "objects.delete",
        "objects.putObject",
        "ledger.stage",
        "ledger.covered",
      ])
        expect(steps).toContain(expected);
      expect(steps.length).toBeGreaterThan(9);
    },
  );

  it.each(["before", "after"] as const)(
    "after a crash %s any step gives way to a hold if the key is there",
    async (how) => {
      const won = { hold: 0, clock: 0 };
      for (let at = 1; ; at += 1) {
        const id = await dueRecording();
        if ((await crashAt(id, at, how)) === null) break;
        const wasThere = await keyIsThere(id);
        const placed = await holdOn(id);
        expect(placed.outcome).toBe(wasThere ? "placed" : "too-late");
        expect(await runRetention(test.ports, test.forceId)).toMatchObject({ failed: 0 });
        if (placed.outcome === "placed") {
          won.hold += 1;
          expect(await test.state(id)).toBe("collected");
          expect(await keyIsThere(id)).toBe(true);
          expect((await test.objects.stat(test.mediaKey(id))).kind).toBe("complete");
          await releaseHold(test.ports, actor(), { id: placed.placed.hold.id, reason: "over" });
          await runRetention(test.ports, test.forceId);
        } else won.clock += 1;
        await expectDestroyed(id);
      }
      expect(won.hold).toBeGreaterThan(3);
      expect(won.clock).toBeGreaterThan(3);
    },
  );

  it("that a hold races at any step ends with the hold standing and the key there, or with neither", async () => {
    const won = { hold: 0, clock: 0 };
    for (const waitMs of [0, 3, 30]) {
      for (let at = 1; ; at += 1) {
        const id = await dueRecording();
        let calls = 0;
        const racing: { hold?: ReturnType<typeof holdOn> } = {};
        const ports = wrapped(test.ports, async (_step, act) => {
          calls += 1;
          if (calls === at) {
            racing.hold = holdOn(id);
            // Inside a transaction the hold waits for its locks: it is let run on, never waited for here.
            await new Promise((resolve) => setTimeout(resolve, waitMs));
          }
          return act();
        });
        const ended = await destroyRecording(ports, test.forceId, id);
        if (racing.hold === undefined) break;
        const hold = await racing.hold;
        if (hold.outcome === "placed") {
          won.hold += 1;
          expect(ended).not.toBe("destroyed");
          expect(await keyIsThere(id)).toBe(true);
          expect(await test.state(id)).toBe("collected");
          await releaseHold(test.ports, actor(), { id: hold.placed.hold.id, reason: "over" });
          await runRetention(test.ports, test.forceId);
        } else {
          won.clock += 1;
          expect(hold.outcome).toBe("too-late");
          expect(ended).toBe("destroyed");
        }
        await expectDestroyed(id);
      }
    }
    expect(won.hold).toBeGreaterThan(3);
    expect(won.clock).toBeGreaterThan(3);
  }, 60_000);

  it("whose database connection breaks while the key goes does not let a hold believe that the key is there", async () => {
    const id = await dueRecording();
    const racing: { hold?: ReturnType<typeof holdOn> } = {};
    const ports = wrapped(test.ports, async (step, act) => {
      if (step === "keys.delete") {
        // The gate is free from here on, and the judgement is behind us.
        await test.server.test.asAdministrator(
          "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and mode = 'ShareLock' and database = (select oid from pg_database where datname = current_database())",
        );
        racing.hold = holdOn(id);
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
      return act();
    });
    await expect(destroyRecording(ports, test.forceId, id)).rejects.toThrow();
    expect(await racing.hold).toEqual({ outcome: "too-late" });
    expect(await runRetention(test.ports, test.forceId)).toMatchObject({ destroyed: 1, failed: 0 });
    await expectDestroyed(id);
  });

  it("by two runs at once happens once", async () => {
    const ids: RecordingId[] = [];
    while (ids.length < 12) ids.push(await dueRecording());
    const runs = await Promise.all([1, 2, 3].map(() => runRetention(test.ports, test.forceId)));
    expect(runs.map((run) => run.failed)).toEqual([0, 0, 0]);
    expect(runs.reduce((sum, run) => sum + run.destroyed, 0)).toBe(12);
    for (const id of ids) await expectDestroyed(id);
  });

  it("of one that cannot be finished does not keep the others, and is told", async () => {
    const stuck = await dueRecording();
    const others = [await dueRecording(), await dueRecording()];
    const broken: RetentionPorts = {
      ...test.ports,
      keys: {
        get: (id) => test.keys.get(id),
        delete: (id) => (id === keyIdOf(stuck) ? Promise.reject(new Crash("disk")) : test.keys.delete(id)),
      },
    };
    expect(await runRetention(broken, test.forceId)).toMatchObject({ destroyed: 2, failed: 1 });
    for (const id of others) await expectDestroyed(id);
    const found = await test.server.test.asAdministrator(
      "select kind from sworn.finding where recording_id = $1",
      [stuck],
    );
    expect(found).toEqual([{ kind: "destruction" }]);
    expect(await runRetention(test.ports, test.forceId)).toMatchObject({ destroyed: 1, failed: 0 });
    await expectDestroyed(stuck);
  });
});
