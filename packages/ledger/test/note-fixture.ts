/** Published keys and notes, and keys made for a test. */
import { createSigner, parseVerifierKey } from "../src/index.ts";
import type { NoteSigner, NoteVerifier, SignatureTypeName } from "../src/index.ts";

/** golang.org/x/mod, sumdb/note/note_test.go (BSD-3-Clause). */
export const PETER_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
export const PETER_SEED = "gQoUAtUUbI2E8kQzMPVAgOv5juF9nHT2JS/F1ccoMXM=";
export const ENOCH_KEY = "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop";
export const GO_TEXT =
  "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
export const PETER_LINE =
  "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
export const ENOCH_LINE =
  "— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n";

/** c2sp.org/signed-note, the example key and note. */
export const SPEC_KEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
export const SPEC_NOTE =
  "This is an example message.\n\n— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";

/** c2sp.org/tlog-checkpoint and c2sp.org/tlog-cosignature, the example (its keys are not published). */
export const SPEC_CHECKPOINT =
  "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
export const SPEC_COSIGNED = `${SPEC_CHECKPOINT}
— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==
`;

export async function verifier(key: string): Promise<NoteVerifier> {
  const parsed = await parseVerifierKey(key);
  if (!parsed.ok) throw new Error(parsed.message);
  return parsed.value;
}

export async function newSigner(name: string, type: SignatureTypeName = "ed25519"): Promise<NoteSigner> {
  const pair = await crypto.subtle.generateKey("Ed25519", false, ["sign", "verify"]);
  const publicKey = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
  return createSigner({ name, type, publicKey, privateKey: pair.privateKey });
}

/** The RFC 8410 wrapping of a 32-byte seed. */
export async function privateKeyOfSeed(seedBase64: string): Promise<CryptoKey> {
  const prefix = Buffer.from("302e020100300506032b657004220420", "hex");
  const pkcs8 = new Uint8Array(Buffer.concat([prefix, Buffer.from(seedBase64, "base64")]));
  return crypto.subtle.importKey("pkcs8", pkcs8, "Ed25519", false, ["sign"]);
}
