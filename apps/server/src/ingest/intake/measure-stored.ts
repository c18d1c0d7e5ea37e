// Reads what is stored and measures it: what no process saw pass from its first byte is checked here, from the disk.
import { createHash } from "node:crypto";
import type { StoredObject } from "@sworn/vault";
import type { MeasuredPart } from "./intake-job.ts";
import { PartMeasure, type PartKey } from "./measure-part.ts";

/** Measures the parts with these indexes. `storedBytes` are the lengths of all parts, in order. */
export async function measureStored(
  object: StoredObject,
  key: PartKey,
  storedBytes: readonly number[],
  wanted: readonly number[],
): Promise<MeasuredPart[]> {
  const measured: MeasuredPart[] = [];
  let offset = 0;
  const want = new Set(wanted);
  for (const [index, lengthBytes] of storedBytes.entries()) {
    if (want.has(index)) {
      const measure = new PartMeasure(key, index);
      for await (const chunk of object.stream(offset, lengthBytes)) measure.update(chunk);
      measured.push(measure.finish());
    }
    offset += lengthBytes;
  }
  return measured;
}

/** SHA-256 of the whole object as it is stored. */
export async function hashStored(object: StoredObject): Promise<Uint8Array> {
  const hash = createHash("sha256");
  for await (const chunk of object.stream(0, object.sizeBytes)) hash.update(chunk);
  return hash.digest();
}
