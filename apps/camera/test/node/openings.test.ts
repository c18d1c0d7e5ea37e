// Personal details: readable with the ingest key alone, fitting the commitment in their entry, absent everywhere else.
import {
  COMMITMENT_LABELS,
  OPENING_KEY_INFO,
  decodeCbor,
  decodeOpening,
  decodeSegment,
  newId,
  openingAssociatedData,
  openingKeyAssociatedData,
  opensCommitment,
  parseEntry,
} from "@sworn/custody";
import { decryptFloe, openKey } from "@sworn/vault";
import { expect, it } from "vitest";
import { openCamera } from "../../node/headless-camera.ts";
import { keyOfRecording, newCamera, newForce, testClock } from "./camera-rig.ts";
import { fastEncoder } from "./fake-encoder.ts";

type Sealed =
  | { recording: Uint8Array; floe: Uint8Array }
  | { envelope: { enc: Uint8Array; ciphertext: Uint8Array }; floe: Uint8Array };

it("opens every sealed opening with the ingest key, and only there", async () => {
  const force = await newForce();
  const test = await newCamera(force);
  const fixes = {
    fixesBetween: (fromMs: number) => [
      { atMs: fromMs, latitudeE7: 515_000_000, longitudeE7: -1_200_000, accuracyCm: 350 },
    ],
  };
  const camera = await openCamera(test.folder, {
    clock: testClock(),
    pulseEveryMs: null,
    startEncoder: fastEncoder(),
    positions: fixes,
  });
  await camera.powerOn();
  await camera.assign(newId(), { officer: "Alex Smith", collarNumber: "AB123" });
  const filming = { source: { kind: "scene", seed: "s" }, pace: "as-fast" } as const;
  const events = [{ atMs: 500, kind: "marker", note: "a knife" }] as const;
  await camera.record({
    filming,
    durationMs: 4_000,
    prerecordMs: 2_000,
    stop: { reason: "other", note: "shift ended" },
    events,
  });
  const key = await keyOfRecording(camera, force, 1, camera.dock.listRecordings()[0]?.id ?? newId());
  const opened: Record<string, unknown> = {};
  for await (const segment of camera.dock.readJournal(0)) {
    for (const word of ["Alex", "knife", "shift ended"])
      expect(Buffer.from(segment.bytes).includes(word)).toBe(false);
    for (const record of decodeSegment(segment.bytes)) {
      const { entry } = parseEntry(record.entry);
      expect(record.opening !== null).toBe(entry.sealed !== undefined);
      if (!record.opening || !entry.sealed) continue;
      const sealed = decodeCbor(record.opening, "An opening") as Sealed;
      const lone = "envelope" in sealed;
      const own = lone
        ? await openKey({
            ingestKeyPair: force.ingest,
            envelope: sealed.envelope,
            info: OPENING_KEY_INFO,
            associatedData: openingKeyAssociatedData(force.id, camera.dock.cameraId, entry.sequence),
          })
        : key;
      const subject = lone ? camera.dock.cameraId : sealed.recording;
      const associatedData = openingAssociatedData(force.id, subject, entry.sequence);
      const opening = decodeOpening(
        new Uint8Array(decryptFloe({ key: own, associatedData, ciphertext: sealed.floe })),
      );
      expect(await opensCommitment(COMMITMENT_LABELS.journal, opening, entry.sealed)).toBe(true);
      opened[entry.kind] = opening.details;
    }
  }
  expect(opened).toMatchObject({
    assigned: { officer: "Alex Smith", collarNumber: "AB123" },
    marker: { note: "a knife" },
    "recording-stopped": { note: "shift ended" },
    fragment: { positions: [[4_000, 515_000_000, -1_200_000, 350]] },
  });
  await camera.close();
  await test.remove();
});
