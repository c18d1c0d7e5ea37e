// Headers of tus 1.0.0 (tus.io/protocols/resumable-upload), read strictly: they come from outside. Each reader gives
// the value or a sentence that says what was wrong.

export const TUS_VERSION = "1.0.0";
export const TUS_EXTENSIONS = "creation";
export const OFFSET_MEDIA_TYPE = "application/offset+octet-stream";
/** 10,000 store parts of at least 5 MiB (S3's own limits), less what a part may be short. */
export const TUS_MAX_SIZE_BYTES = 48 * 1024 ** 3;

const METADATA_MAXIMUM_CHARACTERS = 8_192;
const METADATA_MAXIMUM_PAIRS = 32;

export type Read<T> =
  { readonly kind: "read"; readonly value: T } | { readonly kind: "wrong"; readonly reason: string };

type Header = string | readonly string[] | undefined;

const wrong = (reason: string): { kind: "wrong"; reason: string } => ({ kind: "wrong", reason });

/** "The Tus-Resumable header MUST be included in every request … except for OPTIONS requests." */
export function isTusVersion(header: Header): boolean {
  return header === TUS_VERSION;
}

/** Upload-Length and Upload-Offset: "The value MUST be a non-negative integer." */
export function readByteCount(name: string, header: Header): Read<number> {
  if (header === undefined) return wrong(`The header ${name} is missing.`);
  const value =
    typeof header === "string" && /^(0|[1-9]\d{0,15})$/.test(header) ? Number(header) : Number.NaN;
  return Number.isSafeInteger(value)
    ? { kind: "read", value }
    : wrong(`The header ${name} must be a whole number of bytes, without sign or leading zeros.`);
}

/**
 * Upload-Metadata: "MUST consist of one or more comma-separated key-value pairs. The key and value MUST be separated
 * by a space. The key MUST NOT contain spaces and commas and MUST NOT be empty. The key SHOULD be ASCII encoded and
 * the value MUST be Base64 encoded. All keys MUST be unique. The value MAY be empty." Values are read as UTF-8.
 */
export function readMetadata(header: Header): Read<ReadonlyMap<string, string>> {
  const pairs = new Map<string, string>();
  if (header === undefined) return { kind: "read", value: pairs };
  if (typeof header !== "string") return wrong("The header Upload-Metadata came more than once.");
  if (header.length > METADATA_MAXIMUM_CHARACTERS) return wrong("The header Upload-Metadata is too long.");
  const texts = header.split(",");
  if (texts.length > METADATA_MAXIMUM_PAIRS) return wrong("The header Upload-Metadata has too many pairs.");
  for (const text of texts) {
    // Clients write ", " as well as ","; space around a pair means nothing.
    const [key = "", value = "", ...more] = text.trim().split(" ");
    if (!/^[\x21-\x7e]{1,60}$/.test(key) || more.length > 0) {
      return wrong("The header Upload-Metadata is not a list of “key base64” pairs with commas between.");
    }
    if (pairs.has(key)) return wrong(`The header Upload-Metadata names “${key}” twice.`);
    const decoded = decodeText(value);
    if (decoded === null)
      return wrong(`The value of “${key}” in Upload-Metadata is not base64 of UTF-8 text.`);
    pairs.set(key, decoded);
  }
  return { kind: "read", value: pairs };
}

function decodeText(base64: string): string | null {
  if (base64.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(base64)) return null;
  const bytes = Buffer.from(base64, "base64");
  if (bytes.toString("base64") !== base64) return null;
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}
