// Who a dock is: a folder of mode 0700 with its key (0600) and the certificate that its force gave it. Enrolled once with
// a person's API key, which is not kept; interrupted, it is finished by enrolling again with the same key.
import { createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes, randomUUID } from "node:crypto";
import { mkdir, open, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { staffClient, type SendRequest } from "@sworn/client";
import {
  fromBase64url,
  isId,
  toBase64url,
  type BoroughId,
  type DockId,
  type Enrolment,
} from "@sworn/contract";
import { CustodyError, equalBytes, formatId, parseCertificate, parseId, validatePath } from "@sworn/custody";
import { DockError } from "./dock-error.ts";
import { readDockKey, type DockKey } from "./sign-request.ts";

export interface DockIdentity {
  readonly id: DockId;
  readonly name: string;
  readonly key: DockKey;
  /** The force's anchor, DER. */
  readonly anchor: Uint8Array;
}

interface DockLabel {
  readonly id: DockId;
  readonly name: string;
}

export interface EnrolDockOptions {
  readonly folder: string;
  readonly server: string;
  readonly apiKey: string;
  readonly name: string;
  readonly boroughId?: BoroughId;
  readonly send?: SendRequest;
}

/** Makes the dock's key where there is none, and has the force certify it. @throws ApiProblem, ClientError, DockError */
export async function enrolDock(options: EnrolDockOptions): Promise<DockIdentity> {
  const { folder, server, apiKey, name, boroughId, send } = options;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const label = (await readLabel(folder)) ?? { id: randomUUID() as DockId, name };
  await writeOnce(join(folder, "dock.json"), `${JSON.stringify(label)}\n`);
  const pkcs8 = (await readOrNull(join(folder, "dock.key"))) ?? (await makeKey(folder));
  const client = staffClient({ server, apiKey, ...(send ? { send } : {}) });
  const { enrolment } = await client.enrolDock({
    id: label.id,
    name: label.name,
    spki: toBase64url(publicKeyOf(pkcs8)),
    ...(boroughId === undefined ? {} : { boroughId }),
  });
  await writeOnce(join(folder, "anchor.crt"), bytesOf(enrolment, "anchor"));
  // The certificate comes last: it is what makes a folder an enrolled dock.
  await writeOnce(join(folder, "dock.crt"), bytesOf(enrolment, "certificate"));
  return openDock(folder);
}

/** @throws DockError `identity-missing`, `identity-damaged` */
export async function openDock(folder: string): Promise<DockIdentity> {
  const label = await readLabel(folder);
  const [pkcs8, certificate, anchor] = await Promise.all(
    ["dock.key", "dock.crt", "anchor.crt"].map((name) => readOrNull(join(folder, name))),
  );
  if (!label || !pkcs8 || !certificate || !anchor) {
    throw new DockError(
      "identity-missing",
      `There is no enrolled dock in ${folder}. Enrol it with an API key first.`,
    );
  }
  try {
    const parsed = await parseCertificate(certificate);
    const path = await validatePath(parsed, [anchor], { role: "dock", atMs: parsed.notBeforeMs });
    const isOurs =
      equalBytes(parsed.spki, publicKeyOf(pkcs8)) && equalBytes(parsed.subjectId, parseId(label.id));
    if (path.kind !== "valid" || !isOurs) throw damaged(folder);
    return { ...label, key: readDockKey(pkcs8, parsed.hash), anchor };
  } catch (cause) {
    if (cause instanceof CustodyError) throw damaged(folder, cause);
    throw cause;
  }
}

function damaged(folder: string, cause?: unknown): DockError {
  const message = `The dock in ${folder} has a certificate that is damaged or another's. Enrol a new dock in a new folder.`;
  return new DockError("identity-damaged", message, cause);
}

function publicKeyOf(pkcs8: Uint8Array): Uint8Array {
  const key = createPrivateKey({ key: Buffer.from(pkcs8), format: "der", type: "pkcs8" });
  return createPublicKey(key).export({ format: "der", type: "spki" });
}

async function makeKey(folder: string): Promise<Uint8Array> {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const pkcs8 = privateKey.export({ format: "der", type: "pkcs8" });
  await writeOnce(join(folder, "dock.key"), pkcs8);
  return pkcs8;
}

function bytesOf(enrolment: Enrolment, name: "anchor" | "certificate"): Uint8Array {
  const bytes = fromBase64url(enrolment[name]);
  if (bytes === null) throw new DockError("identity-damaged", `The server's answer holds no usable ${name}.`);
  return bytes;
}

async function readLabel(folder: string): Promise<DockLabel | null> {
  const bytes = await readOrNull(join(folder, "dock.json"));
  if (bytes === null) return null;
  try {
    const label: unknown = JSON.parse(new TextDecoder().decode(bytes));
    if (typeof label === "object" && label !== null && "id" in label && "name" in label) {
      const { id, name } = label;
      if (typeof id === "string" && isId(id) && typeof name === "string") {
        return { id: formatId(parseId(id)) as DockId, name };
      }
    }
  } catch {
    // Falls through to the one message for every kind of damage.
  }
  throw damaged(folder);
}

async function readOrNull(path: string): Promise<Uint8Array | null> {
  try {
    return await readFile(path);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}

/** Durable on return; the name appears with the whole content. */
async function writeOnce(path: string, content: Uint8Array | string): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString("hex")}.part`;
  const file = await open(temporary, "wx", 0o600);
  try {
    await file.writeFile(content);
    await file.datasync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
  const folder = await open(join(path, ".."), "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
