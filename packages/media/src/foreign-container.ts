/** Names the container of a file from its first bytes, so that an import can say what it was given. */

export type ContainerGuess = { kind: "mp4" } | { kind: "other"; name: string } | { kind: "unknown" };

/** First boxes of ISO files and of QuickTime files from before `ftyp`. */
const FIRST_BOXES = new Set(["ftyp", "moov", "mdat", "wide", "free", "skip", "pnot", "styp", "uuid"]);

/** `start`: the first 16 bytes of the file or fewer. */
export function guessContainer(start: Uint8Array): ContainerGuess {
  const text = String.fromCharCode(...start.subarray(0, 16));
  if (FIRST_BOXES.has(text.slice(4, 8))) return { kind: "mp4" };
  for (const [name, matches] of OTHERS) {
    if (matches(text)) return { kind: "other", name };
  }
  return { kind: "unknown" };
}

/** After the sync byte "G": payload start flag and the high bits of the usual first packet ids. */
const TRANSPORT_STREAM_SECOND_BYTES = new Set([0x00, 0x1f, 0x40, 0x41, 0x50, 0x5f]);

const OTHERS: readonly (readonly [string, (text: string) => boolean])[] = [
  ["Matroska or WebM", (text) => text.startsWith("\x1a\x45\xdf\xa3")],
  ["AVI", (text) => text.startsWith("RIFF") && text.slice(8, 12) === "AVI "],
  ["WAV", (text) => text.startsWith("RIFF") && text.slice(8, 12) === "WAVE"],
  ["Ogg", (text) => text.startsWith("OggS")],
  ["Flash video", (text) => text.startsWith("FLV")],
  ["Windows Media", (text) => text.startsWith("\x30\x26\xb2\x75\x8e\x66\xcf\x11")],
  ["MPEG program stream", (text) => text.startsWith("\x00\x00\x01\xba")],
  [
    "MPEG transport stream",
    (text) => text.startsWith("G") && TRANSPORT_STREAM_SECOND_BYTES.has(text.charCodeAt(1)),
  ],
  ["JPEG", (text) => text.startsWith("\xff\xd8\xff")],
  ["PNG", (text) => text.startsWith("\x89PNG")],
  ["PDF", (text) => text.startsWith("%PDF")],
  ["ZIP", (text) => text.startsWith("PK\x03\x04")],
];
