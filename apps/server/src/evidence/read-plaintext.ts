// Decrypts a stored recording: any range, or all of it as a stream. Bounded memory; only authenticated bytes come out.
import { mediaAssociatedData, type TimedPart } from "@sworn/custody";
import {
  FLOE_HEADER_BYTES,
  floeLayoutOfCiphertext,
  openFloe,
  segmentsForRange,
  startFloeDecryption,
  type ObjectStore,
  type OpenFloe,
  type StoredObject,
} from "@sworn/vault";
import { EvidenceFault } from "./evidence-fault.ts";

export interface PlaintextOrder {
  readonly objectKey: string;
  /** 16 bytes each. */
  readonly force: Uint8Array;
  readonly recording: Uint8Array;
  readonly key: Uint8Array;
  readonly parts: readonly Pick<TimedPart, "lengthBytes" | "storedBytes">[];
}

export interface Plaintext {
  readonly lengthBytes: number;
  /** Ciphertext that is there: of what was accepted as altered it may be less, or more, than its parts. */
  readonly storedBytes: number;
  /** Up to `lengthBytes` from `offsetBytes`: fewer only at the end. @throws VaultError for altered bytes */
  read(offsetBytes: number, lengthBytes: number): Promise<Uint8Array>;
  /** All of it, part after part. @throws VaultError at the first byte that is not authentic */
  stream(): AsyncGenerator<Buffer, void, undefined>;
}

interface Placed {
  readonly index: number;
  readonly plainStart: number;
  readonly lengthBytes: number;
  readonly storedStart: number;
  readonly storedBytes: number;
}

/** @throws EvidenceFault `object-missing` */
export async function openPlaintext(store: ObjectStore, order: PlaintextOrder): Promise<Plaintext> {
  const opened = await store.openObject(order.objectKey);
  if (opened.kind === "absent")
    throw new EvidenceFault("object-missing", `The object ${order.objectKey} is not there.`);
  const { object } = opened;
  const places = placeParts(order.parts);
  const lengthBytes = order.parts.reduce((sum, part) => sum + part.lengthBytes, 0);
  return {
    lengthBytes,
    storedBytes: object.sizeBytes,
    async read(offsetBytes, wantedBytes) {
      const from = Math.min(offsetBytes, lengthBytes);
      const to = Math.min(lengthBytes, from + wantedBytes);
      const pieces: Buffer[] = [];
      for (const part of places) {
        const start = Math.max(from, part.plainStart);
        const end = Math.min(to, part.plainStart + part.lengthBytes);
        if (start < end)
          pieces.push(...(await readPart(object, order, part, start - part.plainStart, end - start)));
      }
      return Buffer.concat(pieces);
    },
    async *stream() {
      for (const part of places) {
        const associatedData = mediaAssociatedData(order.force, order.recording, part.index);
        const floe = startFloeDecryption({ key: order.key, associatedData });
        for await (const chunk of object.stream(part.storedStart, part.storedBytes))
          yield* floe.update(chunk);
        floe.finish();
      }
    },
  };
}

function placeParts(parts: PlaintextOrder["parts"]): Placed[] {
  let plainStart = 0;
  let storedStart = 0;
  return parts.map(({ lengthBytes, storedBytes }, index) => {
    const placed = { index, plainStart, lengthBytes, storedStart, storedBytes };
    plainStart += lengthBytes;
    storedStart += storedBytes;
    return placed;
  });
}

async function readPart(
  object: StoredObject,
  { key, force, recording }: PlaintextOrder,
  part: Placed,
  offsetBytes: number,
  lengthBytes: number,
): Promise<Buffer[]> {
  const header = await object.read(part.storedStart, Math.min(FLOE_HEADER_BYTES, part.storedBytes));
  const floe: OpenFloe = openFloe(key, mediaAssociatedData(force, recording, part.index), header);
  const layout = floeLayoutOfCiphertext(part.storedBytes, floe.segmentBytes);
  const range = segmentsForRange(layout, offsetBytes, lengthBytes);
  const ciphertext = await object.read(part.storedStart + range.ciphertextOffset, range.ciphertextBytes);
  return floe.decryptRange(range, ciphertext);
}
