// The master in plaintext, part after part, in bounded memory. Of a recording that was accepted as altered, parts that do
// not decrypt or did not come are left out; of every other a single false byte ends the stream with a fault.
import { parseId } from "@sworn/custody";
import { VaultError } from "@sworn/vault";
import { EvidenceFault } from "./evidence-fault.ts";
import { partsOf } from "./parts-blob.ts";
import type { EvidencePorts } from "./ports.ts";
import { openPlaintext } from "./read-plaintext.ts";
import { recordingKeyId } from "./recording-keys.ts";
import type { RecordingRow } from "./store.ts";

export interface Master {
  /** Null where parts may have to be left out. */
  readonly lengthBytes: number | null;
  stream(): AsyncGenerator<Uint8Array, void, undefined>;
}

/** @throws EvidenceFault `key-missing`, `object-missing` */
export async function openMaster(ports: EvidencePorts, row: RecordingRow): Promise<Master> {
  const found = await ports.keys.get(recordingKeyId(row.id));
  if (found.kind !== "key" || row.object_key === null) {
    throw new EvidenceFault("key-missing", `The key of recording ${row.id} is not there. Run sworn fsck.`);
  }
  const parts = partsOf(row);
  const order = {
    objectKey: row.object_key,
    force: parseId(row.force_id),
    recording: parseId(row.id),
    key: found.key,
    parts,
  };
  const plaintext = await openPlaintext(ports.store, order);
  if (row.verdict !== "altered")
    return { lengthBytes: plaintext.lengthBytes, stream: () => plaintext.stream() };
  return {
    lengthBytes: null,
    async *stream() {
      let offset = 0;
      let stored = 0;
      for (const { lengthBytes, storedBytes } of parts) {
        stored += storedBytes;
        if (stored > plaintext.storedBytes) return;
        const part = await readOrNull(() => plaintext.read(offset, lengthBytes));
        if (part !== null) yield part;
        offset += lengthBytes;
      }
    },
  };
}

async function readOrNull(read: () => Promise<Uint8Array>): Promise<Uint8Array | null> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof VaultError && error.code.startsWith("floe-")) return null;
    throw error;
  }
}
