// The ledger fails between the commit of a journal segment and its checkpoint: nothing is acknowledged, and the camera
// that sends again is told what stands, once. Each failure twice: it did not happen, and it happened but was said to fail.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { DockingSession, JournalAnswer } from "@sworn/contract";
import type { DockingPorts } from "../../src/docking/index.ts";
import { LedgerFault } from "../../src/ledger/index.ts";
import { startDockingServer, type DockingServer, type Founded } from "./docking-server.ts";
import { TestCamera } from "./test-camera.ts";
import { TestDock } from "./test-dock.ts";

let server: DockingServer;
let met: Founded;
let dock: TestDock;
let covered: "works" | "did not happen" | "happened" = "works";

beforeAll(async () => {
  server = await startDockingServer();
  met = await server.found("met");
  dock = await TestDock.enrol(server, met, "Camden");
  const { ledger } = server.ports;
  const failing: DockingPorts["ledger"] = {
    stage: (tx, entry) => ledger.stage(tx, entry),
    async covered(forceId, staged) {
      if (covered === "works") return ledger.covered(forceId, staged);
      if (covered === "happened") await ledger.covered(forceId, staged);
      throw new LedgerFault("ledger-stopped", "No checkpoint can be written.");
    },
  };
  Object.assign(server.ports, { ledger: failing });
});
afterAll(() => server.stop());
beforeEach(() => {
  covered = "works";
});

const entries = (camera: string) =>
  server.test.asAdministrator(
    "select * from sworn.ledger_entry where camera_id = $1 and event = 'journal-accepted'",
    [camera],
  );
const count = async (text: string, camera: string): Promise<number> =>
  Number((await server.test.asAdministrator(text, [camera]))[0]?.["count"]);

describe.each(["did not happen", "happened"] as const)("a checkpoint that %s", (when) => {
  it("is not acknowledged, and the segment sent again is the one that stands", async () => {
    const camera = await TestCamera.enrol(server, met, `MET-${when.replaceAll(" ", "-")}`);
    const details = { officer: "A. Administrator", collarNumber: "123AB" };
    await camera.add({ kind: "assigned", body: { assignment: camera.boot } }, { details });
    const filmed = await camera.film(2);
    const session = (await dock.openSession(camera.id)).body as unknown as DockingSession;
    await camera.dock(dock.id, session);

    covered = when;
    const refused = await dock.sendJournal(camera.id, 0, camera.segment(0), session);
    expect(refused.status).toBe(503);
    expect(refused.headers.get("retry-after")).not.toBeNull();
    expect(refused.body).not.toHaveProperty("head");
    const [staged] = await entries(camera.id);
    if (when === "did not happen") expect(staged?.["index"]).toBeNull();
    else expect(staged?.["index"]).not.toBeNull();
    // As long as the ledger takes nothing, no repetition is acknowledged either.
    expect((await dock.sendJournal(camera.id, 0, camera.segment(0), session)).status).toBe(503);
    const objects = [...server.stored.keys()];

    covered = "works";
    const again = await dock.sendJournal(camera.id, 0, camera.segment(0), session);
    expect(again.status, JSON.stringify(again.body)).toBe(200);
    const answer = again.body as unknown as JournalAnswer;
    expect(answer).toMatchObject({
      accepted: 0,
      duplicate: camera.next,
      refused: 0,
      opened: true,
      findings: [],
    });
    expect(answer.head).toEqual(await camera.head());
    expect(answer.expected.map(({ recording }) => recording)).toEqual([filmed.id]);

    const after = await entries(camera.id);
    expect(after).toHaveLength(1);
    expect(after[0]?.["id"]).toEqual(staged?.["id"]);
    const { size } = await server.ledger.head(met.forceId as never);
    expect(Number(after[0]?.["index"])).toBeLessThan(size);
    expect(after[0]?.["index"]).not.toBeNull();
    expect([...server.stored.keys()]).toEqual(objects);
    expect(await count("select count(*) from sworn.journal_segment where camera_id = $1", camera.id)).toBe(1);
    expect(await count("select count(*) from sworn.recording where camera_id = $1", camera.id)).toBe(1);
    expect(await count("select count(*) from sworn.finding where camera_id = $1", camera.id)).toBe(0);
  });
});
