// Plain text for a terminal: wrapped at words, never wider than asked, no control character from the evidence.

/** What stands in evidence is untrusted: it must not move the cursor, hide text or turn its direction. */
export function plain(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "�");
}

/** Lines of at most `columns`; a word that is longer is cut. */
export function wrap(text: string, columns: number): string[] {
  const width = Math.max(8, columns);
  const lines: string[] = [];
  let line = "";
  for (const word of plain(text)
    .split(" ")
    .flatMap((each) => cut(each, width))) {
    if (line === "") line = word;
    else if (line.length + 1 + word.length <= width) line += ` ${word}`;
    else {
      lines.push(line);
      line = word;
    }
  }
  return [...lines, line];
}

function cut(word: string, width: number): string[] {
  const pieces: string[] = [];
  for (let at = 0; at < word.length; at += width) pieces.push(word.slice(at, at + width));
  return pieces.length > 0 ? pieces : [""];
}

/** Wrapped, with `first` before the first line and as much space before the others. */
export function hang(first: string, text: string, columns: number): string[] {
  const indent = " ".repeat(first.length);
  return wrap(text, columns - first.length).map((line, at) => (at === 0 ? first : indent) + line);
}

const CODES = { bold: "1", dim: "2", red: "31", green: "32", yellow: "33" } as const;
export type Style = keyof typeof CODES;

/** `text` in one of a few styles, or as it is where there is no colour. */
export function painter(colour: boolean): (style: Style, text: string) => string {
  return (style, text) => (colour ? `\u001b[${CODES[style]}m${text}\u001b[0m` : text);
}
