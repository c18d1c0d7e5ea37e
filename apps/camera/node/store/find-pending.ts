// Reads the entry that a camera had in hand when it was cut off, and changes nothing. It is believed on the terms on which
// the camera's own start puts it into the journal: it is signed by the camera, it follows the last entry, and its part
// stands whole behind what is journaled.
import { type JournalRecord, equalBytes, formatId, parseEntry, sha256, verifySign1 } from "@sworn/custody";
import type { ParsedCertificate } from "@sworn/custody";
import { CameraMemory } from "./camera-memory.ts";
import { readMedia } from "./camera-store.ts";
import { realDisk } from "./disk.ts";
import type { FolderLayout } from "./folder-layout.ts";
import type { JournalHead } from "./journal-files.ts";
import { PendingEntry, partIsWhole } from "./pending-entry.ts";

interface FoundMedia {
  readonly id: string;
  readonly mediaPath: string;
  readonly envelope: Uint8Array | null;
}

/** Null: nothing is in hand, it is journaled already, or its part is not whole. */
export async function findPending(
  layout: FolderLayout,
  found: {
    readonly certificate: ParsedCertificate;
    readonly head: JournalHead;
    readonly recordings: readonly FoundMedia[];
    /** The journal up to the head, as far as the camera has it. */
    journaled(): AsyncGenerator<JournalRecord>;
  },
): Promise<JournalRecord | null> {
  const pending = await new PendingEntry(realDisk, layout.pending).read();
  if (pending === null) return null;
  const { entry, record } = pending;
  if (entry.kind !== "fragment" && entry.kind !== "recording-started") return null;
  if (entry.sequence !== found.head.sequence + 1 || !(await isSignedBy(record, found.certificate)))
    return null;
  const media = found.recordings.find(({ id }) => id === formatId(entry.body.recording));
  if (media === undefined) return null;
  let storedBytes = 0;
  if (entry.kind === "fragment") {
    const memory = new CameraMemory(0);
    for await (const { entry: bytes } of found.journaled()) memory.learn(parseEntry(bytes).entry);
    const known = memory.find(entry.body.recording);
    if (known === null) return null;
    ({ storedBytes } = known);
  } else if (media.envelope === null || !equalBytes(await sha256(media.envelope), entry.body.envelope)) {
    return null;
  }
  const part = entry.kind === "fragment" ? entry.body : entry.body.init;
  const behind = await readMedia(media.mediaPath, storedBytes, part.storedBytes);
  return (await partIsWhole(entry, found.head, behind)) ? record : null;
}

async function isSignedBy(record: JournalRecord, certificate: ParsedCertificate): Promise<boolean> {
  const { sign1 } = parseEntry(record.entry);
  return (
    equalBytes(sign1.certificateHash, certificate.hash) && (await verifySign1(sign1, certificate.publicKey))
  );
}
