/** A small bitmap typeface of our own, 5 by 7, for what is burned into the picture. Capitals, digits, a few signs. */

export const GLYPH_WIDTH = 5;
export const GLYPH_HEIGHT = 7;

/** Seven rows each, top first, as base-32 digits: five pixels, the highest bit left. */
const GLYPHS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    A: "ehhvhhh",
    B: "uhhuhhu",
    C: "ehggghe",
    D: "shhhhhs",
    E: "vgguggv",
    F: "vgguggg",
    G: "ehgnhhf",
    H: "hhhvhhh",
    I: "e44444e",
    J: "72222ic",
    K: "hikokih",
    L: "ggggggv",
    M: "hrllhhh",
    N: "hhpljhh",
    O: "ehhhhhe",
    P: "uhhuggg",
    Q: "ehhhlid",
    R: "uhhukih",
    S: "fgge11u",
    T: "v444444",
    U: "hhhhhhe",
    V: "hhhhha4",
    W: "hhhllla",
    X: "hha4ahh",
    Y: "hhha444",
    Z: "v1248gv",
    "0": "ehjlphe",
    "1": "4c4444e",
    "2": "eh1248v",
    "3": "v2421he",
    "4": "26aiv22",
    "5": "vgu11he",
    "6": "68guhhe",
    "7": "v124888",
    "8": "ehhehhe",
    "9": "ehhf12c",
    "-": "000v000",
    ".": "00000cc",
    ":": "0cc0cc0",
    "/": "01248g0",
    ",": "0000c48",
    "'": "c480000",
    "(": "2488842",
    ")": "8422248",
    "&": "cik8lid",
    "+": "044v440",
    "#": "aavavaa",
    "?": "eh12404",
    " ": "0000000",
  }),
);

/** Whether the pixel is set; unknown characters show as a question mark. */
export function glyphRows(character: string): readonly number[] {
  const glyph = GLYPHS.get(character) ?? GLYPHS.get("?") ?? "";
  return Array.from(glyph, (digit) => parseInt(digit, 32));
}

/** What the typeface can show of a text: capitals without accents. */
export function showable(text: string): string {
  return text.normalize("NFD").replaceAll(/\p{M}/gu, "").toUpperCase();
}
