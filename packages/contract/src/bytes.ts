// Bytes in JSON: base64url without padding (RFC 4648 §5), the one form this API uses.
import Type from "typebox";

/** The schema of at most `maximumBytes` bytes. */
export function bytesSchema(maximumBytes: number, description: string): Type.TString {
  const maxLength = Math.ceil((maximumBytes * 4) / 3);
  return Type.String({ pattern: "^[A-Za-z0-9_-]*$", maxLength, description: `${description} Base64url.` });
}

export function toBase64url(bytes: Uint8Array): string {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** The bytes, or null for what is not base64url in its one form. */
export function fromBase64url(text: string): Uint8Array<ArrayBuffer> | null {
  if (!/^[A-Za-z0-9_-]*$/.test(text) || text.length % 4 === 1) return null;
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0));
  // Unused bits at the end would let two texts mean the same bytes.
  return toBase64url(bytes) === text ? bytes : null;
}
