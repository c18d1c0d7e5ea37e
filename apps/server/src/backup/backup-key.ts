// The pair of keys that backups are made for. The public half lies beside the server; the private half is the operator's,
// kept elsewhere: whoever has the server or the backups alone cannot read them. HPKE, as envelopes are (docs/design/keys.md).
import { readFile } from "node:fs/promises";
import { encodeCbor } from "@sworn/custody";
import { generateIngestKeyPair, openKey, sealKey, VaultError, type IngestKeyPair } from "@sworn/vault";
import { writeNewDurably } from "../platform/durable-file.ts";
import { BackupFault } from "./backup-fault.ts";

const privateWord = "sworn-backup-private-1";
const publicWord = "sworn-backup-public-1";
const publicKeyBytes = 65;
const pairBytes = 97;
const info = new TextEncoder().encode("sworn/backup/v1");

const base64url = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64url");

/** Makes a pair: `<path>` with mode 0600 is the operator's, `<path>.public` goes to the server. */
export async function makeBackupKey(path: string): Promise<void> {
  const { publicKey, privateKey } = await generateIngestKeyPair();
  const pair = new Uint8Array(pairBytes);
  pair.set(publicKey);
  pair.set(privateKey, publicKeyBytes);
  const written = await writeNewDurably(path, `${privateWord} ${base64url(pair)}\n`, { mode: 0o600 });
  if (written === "exists")
    throw new BackupFault("backup-key", `${path} exists already. Choose another name.`);
  await writeNewDurably(`${path}.public`, `${publicWord} ${base64url(publicKey)}\n`, { mode: 0o644 });
}

async function readWord(path: string, word: string, bytes: number): Promise<Uint8Array> {
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw new BackupFault("backup-key", `The backup key ${path} cannot be read.`, cause);
  });
  const [found, value = ""] = text.trim().split(" ");
  const key = new Uint8Array(Buffer.from(value, "base64url"));
  if (found === word && key.length === bytes) return key;
  const hint =
    found === privateWord ? " Give the server the .public file; keep the private one elsewhere." : "";
  throw new BackupFault("backup-key", `${path} is not a ${word.replaceAll("-", " ")} key file.${hint}`);
}

export const readPublicKey = (path: string): Promise<Uint8Array> =>
  readWord(path, publicWord, publicKeyBytes);

export async function readPrivateKey(path: string): Promise<IngestKeyPair> {
  const pair = await readWord(path, privateWord, pairBytes);
  return { publicKey: pair.slice(0, publicKeyBytes), privateKey: pair.slice(publicKeyBytes) };
}

/** What a part's envelope is bound to. */
const associated = (part: string): Uint8Array => encodeCbor(["sworn/backup-part/v1", part]);

export async function sealPartKey(publicKey: Uint8Array, part: string, key: Uint8Array): Promise<Uint8Array> {
  const { enc, ciphertext } = await sealKey({
    ...{ ingestPublicKey: publicKey, recordingKey: key, info },
    associatedData: associated(part),
  });
  return Buffer.concat([enc, ciphertext]);
}

export async function openPartKey(
  pair: IngestKeyPair,
  part: string,
  envelope: Uint8Array,
): Promise<Uint8Array> {
  try {
    return await openKey({
      ...{ ingestKeyPair: pair, info, associatedData: associated(part) },
      envelope: { enc: envelope.subarray(0, publicKeyBytes), ciphertext: envelope.subarray(publicKeyBytes) },
    });
  } catch (cause) {
    if (!(cause instanceof VaultError)) throw cause;
    throw new BackupFault(
      "backup-key",
      `The part ${part} does not open: it was made for another backup key, or is damaged.`,
      cause,
    );
  }
}
