// Signs a dock's requests (RFC 9421): method, path, query, and the headers on which the request's effect hangs.
import { createPrivateKey, type KeyObject } from "node:crypto";
import { SESSION_HEADER } from "@sworn/contract";
import { createSigner, httpbis } from "http-message-signatures";

const ALGORITHM = "ecdsa-p256-sha256";
const COVERED_HEADERS = [
  "content-length",
  "content-type",
  SESSION_HEADER,
  "upload-defer-length",
  "upload-length",
  "upload-metadata",
  "upload-offset",
];

export interface DockKey {
  readonly privateKey: KeyObject;
  /** Hex of the SHA-256 of the dock's certificate. */
  readonly keyId: string;
}

/** PKCS #8, DER, of a P-256 key. */
export function readDockKey(pkcs8: Uint8Array, certificateHash: Uint8Array): DockKey {
  const privateKey = createPrivateKey({ key: Buffer.from(pkcs8), format: "der", type: "pkcs8" });
  return { privateKey, keyId: Buffer.from(certificateHash).toString("hex") };
}

export interface RequestToSign {
  readonly method: string;
  readonly url: string | URL;
  /** All that will be sent and must be covered; names in small letters. A body needs its `content-length` here. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Within a session: its id goes into a header, its nonce (base64url) into the signature. */
export interface SigningSession {
  readonly session: string;
  readonly nonce: string;
}

/** The request's headers with `signature`, `signature-input` and, within a session, `sworn-session`. */
export async function signRequest(
  key: DockKey,
  request: RequestToSign,
  options: { readonly nowMs: number; readonly session?: SigningSession },
): Promise<Record<string, string>> {
  const { session, nowMs } = options;
  const headers = { ...request.headers, ...(session ? { [SESSION_HEADER]: session.session } : {}) };
  const url = new URL(request.url);
  const query = url.search === "" ? [] : ["@query"];
  const signed = await httpbis.signMessage(
    {
      key: createSigner(key.privateKey, ALGORITHM, key.keyId),
      fields: ["@method", "@path", ...query, ...COVERED_HEADERS.filter((name) => name in headers)],
      params: ["created", "keyid", "alg", ...(session ? ["nonce"] : [])],
      paramValues: { created: new Date(nowMs), ...(session ? { nonce: session.nonce } : {}) },
    },
    { method: request.method, url, headers: { ...headers } },
  );
  const { Signature, "Signature-Input": input } = signed.headers as Record<string, string>;
  return { ...headers, signature: Signature ?? "", "signature-input": input ?? "" };
}
