// Writes a tiny fragmented MP4, box by box: one video track, any length of fragment, bytes that differ in each.

function join(parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

function u32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

const text = (value: string): Uint8Array => Uint8Array.from(value, (character) => character.charCodeAt(0));
const zeros = (lengthBytes: number): Uint8Array => new Uint8Array(lengthBytes);

function box(type: string, ...payload: Uint8Array[]): Uint8Array {
  const body = join(payload);
  return join([u32(body.length + 8), text(type), body]);
}

function fullBox(type: string, version: number, flags: number, ...payload: Uint8Array[]): Uint8Array {
  return box(type, u32(((version << 24) | flags) >>> 0), ...payload);
}

const TIMESCALE = 1000;

function track(): Uint8Array {
  const avcC = box("avcC", Uint8Array.of(1, 0x64, 0x00, 0x1f, 0xff));
  const size = Uint8Array.of(0x02, 0x80, 0x01, 0x68);
  const entry = box("avc1", zeros(6), Uint8Array.of(0, 1), zeros(16), size, zeros(50), avcC);
  const tkhd = fullBox("tkhd", 0, 7, zeros(8), u32(1), zeros(68));
  const mdhd = fullBox("mdhd", 0, 0, zeros(8), u32(TIMESCALE), u32(0), zeros(4));
  const hdlr = fullBox("hdlr", 0, 0, zeros(4), text("vide"), zeros(13));
  const stsd = fullBox("stsd", 0, 0, u32(1), entry);
  return box("trak", tkhd, box("mdia", mdhd, hdlr, box("minf", box("stbl", stsd))));
}

export function initSegment(): Uint8Array {
  const mvhd = fullBox("mvhd", 0, 0, zeros(8), u32(1000), u32(0), zeros(80));
  const trex = fullBox("trex", 0, 0, u32(1), u32(1), zeros(12));
  const ftyp = box("ftyp", text("iso6"), u32(512), text("iso6"), text("cmfc"));
  return join([ftyp, box("moov", mvhd, track(), box("mvex", trex))]);
}

/** One fragment of one sample; times in ms, which are the track's ticks. */
export function fragment(
  sequence: number,
  startMs: number,
  durationMs: number,
  sizeBytes: number,
): Uint8Array {
  const tfhd = fullBox("tfhd", 0, 0x02_0000, u32(1));
  const tfdt = fullBox("tfdt", 1, 0, u32(Math.floor(startMs / 2 ** 32)), u32(startMs % 2 ** 32));
  const moofOf = (dataOffset: number): Uint8Array => {
    const trun = fullBox(
      "trun",
      0,
      0x305,
      u32(1),
      u32(dataOffset),
      u32(0x0200_0000),
      u32(durationMs),
      u32(sizeBytes),
    );
    return box("moof", fullBox("mfhd", 0, 0, u32(sequence)), box("traf", tfhd, tfdt, trun));
  };
  const data = new Uint8Array(sizeBytes).map((_, at) => (sequence * 31 + at) & 0xff);
  return join([moofOf(moofOf(0).length + 8), box("mdat", data)]);
}
