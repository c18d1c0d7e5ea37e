// Verifies a dock's HTTP Message Signature (RFC 9421): one signature, ECDSA P-256, over at least the method, the path,
// the query, and every header below that the request carries. What is signed can have been sent by that dock only.
import { createPublicKey, type KeyObject } from "node:crypto";
import { createVerifier, httpbis } from "http-message-signatures";

const ALGORITHM = "ecdsa-p256-sha256";
/** Headers that must be covered where they occur: what a request would do hangs on them. */
const COVERED_HEADERS = [
  "content-length",
  "content-type",
  "sworn-session",
  "upload-defer-length",
  "upload-length",
  "upload-metadata",
  "upload-offset",
] as const;
const SIGNATURE = /^[a-z*][a-z0-9_.*-]{0,40}=:([A-Za-z0-9+/]{86}==):$/;
const MAXIMUM_INPUT_CHARACTERS = 2_048;

export interface SignedRequest {
  readonly method: string;
  /** Path and query as they stood in the request line. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** The key that a signature names by the hash of its certificate; null: not known. */
export type FindDockKey = (certificateHash: string) => Promise<Uint8Array | null>;

export type SignatureVerdict =
  | {
      readonly kind: "valid";
      /** Hex of the SHA-256 of the dock's certificate. */
      readonly keyId: string;
      /** Seconds since 1970, by the dock's clock. */
      readonly createdS: number;
      readonly nonce: string | null;
      /** The signature's r: (r, −s) is valid as well, so the whole signature names nothing. */
      readonly signatureR: string;
    }
  | { readonly kind: "missing" }
  | { readonly kind: "invalid"; readonly reason: string };

const invalid = (reason: string): SignatureVerdict => ({ kind: "invalid", reason });

/** Never throws for what a request holds. `findKey` may throw a fault of its own. */
export async function verifyDockSignature(
  request: SignedRequest,
  findKey: FindDockKey,
): Promise<SignatureVerdict> {
  const input = request.headers["signature-input"];
  const signature = request.headers["signature"];
  if (input === undefined && signature === undefined) return { kind: "missing" };
  if (typeof input !== "string" || typeof signature !== "string")
    return invalid("one of its two headers is missing");
  if (input.length > MAXIMUM_INPUT_CHARACTERS) return invalid("its input is too long");
  const encoded = SIGNATURE.exec(signature.trim())?.[1];
  if (encoded === undefined) return invalid("there must be one signature, of 64 bytes");
  const url = canonicalUrl(request.target);
  if (url === null) return invalid("the address is not in its canonical form");
  const message = { method: request.method, url, headers: plainHeaders(request) };
  const seen: SeenParameters[] = [];
  const faults: unknown[] = [];
  const lookUp = async (parameters: Record<string, unknown>) => {
    const read = readParameters(parameters);
    if (read === null || seen.length > 0) throw new UnacceptableInput();
    seen.push(read);
    const key = await findKey(read.keyId).catch((fault: unknown) => {
      faults.push(fault);
      return null;
    });
    if (key === null) throw new UnacceptableInput("the key is not known here");
    return { id: read.keyId, algs: [ALGORITHM], verify: createVerifier(publicKey(key), ALGORITHM) };
  };
  const verdict = await verify(message, requiredFields(request), lookUp);
  if (faults.length > 0) throw faults[0];
  const [read] = seen;
  if (verdict !== null || read === undefined) return invalid(verdict ?? "it could not be read");
  return {
    kind: "valid",
    ...read,
    signatureR: Buffer.from(encoded, "base64").subarray(0, 32).toString("hex"),
  };
}

class UnacceptableInput extends Error {
  readonly code = "unacceptable-input";

  constructor(reason = "it must name created, keyid and alg, and at most a nonce besides") {
    super(reason);
    this.name = "UnacceptableInput";
  }
}

type Message = { method: string; url: URL; headers: Record<string, string | string[]> };
type KeyLookUp = Parameters<typeof httpbis.verifyMessage>[0]["keyLookup"];

/** Null: valid; else why not. The library throws for malformed input errors of many classes. */
async function verify(message: Message, required: string[], keyLookup: KeyLookUp): Promise<string | null> {
  const config = { keyLookup, requiredFields: required, notAfter: Number.MAX_SAFE_INTEGER, all: true };
  try {
    return (await httpbis.verifyMessage(config, message)) === true ? null : "it does not fit the request";
  } catch (error) {
    if (error instanceof UnacceptableInput) return error.message;
    if (error instanceof Error && error.name === "UnacceptableSignatureError") {
      return `it must cover ${required.join(", ")}`;
    }
    return "it could not be read";
  }
}

interface SeenParameters {
  readonly keyId: string;
  readonly createdS: number;
  readonly nonce: string | null;
}

function readParameters(parameters: Record<string, unknown>): SeenParameters | null {
  const { created, keyid, alg, nonce, ...others } = parameters;
  if (Object.keys(others).length > 0 || alg !== ALGORITHM) return null;
  if (!(created instanceof Date) || !Number.isSafeInteger(created.getTime())) return null;
  if (typeof keyid !== "string" || !/^[0-9a-f]{64}$/.test(keyid)) return null;
  if (nonce !== undefined && (typeof nonce !== "string" || nonce.length > 100)) return null;
  return { keyId: keyid, createdS: created.getTime() / 1000, nonce: nonce ?? null };
}

function requiredFields({ target, headers }: SignedRequest): string[] {
  const query = target.includes("?") ? ["@query"] : [];
  return ["@method", "@path", ...query, ...COVERED_HEADERS.filter((name) => headers[name] !== undefined)];
}

/** What is signed is the parsed address; another spelling of it may mean another route. */
function canonicalUrl(target: string): URL | null {
  if (!target.startsWith("/") || !URL.canParse(`http://dock.invalid${target}`)) return null;
  const url = new URL(`http://dock.invalid${target}`);
  return url.host === "dock.invalid" && url.pathname + url.search === target ? url : null;
}

function plainHeaders({ headers }: SignedRequest): Record<string, string | string[]> {
  const entries = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  return Object.fromEntries(entries);
}

function publicKey(spki: Uint8Array): KeyObject {
  return createPublicKey({ key: Buffer.from(spki), format: "der", type: "spki" });
}
