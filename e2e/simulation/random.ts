// The only source of chance: a seed. Streams forked by name are independent, so that drawing once more for one purpose
// shifts nothing else (sfc32 by Chris Doty-Humphrey, seeded by FNV-1a of the name).

export class Random {
  readonly #name: string;
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  constructor(name: string) {
    this.#name = name;
    this.#a = fnv1a(`${name}/a`);
    this.#b = fnv1a(`${name}/b`);
    this.#c = fnv1a(`${name}/c`);
    for (let round = 0; round < 12; round += 1) this.next();
  }

  fork(name: string): Random {
    return new Random(`${this.#name}/${name}`);
  }

  /** 32 bits. */
  next(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  /** From `least` to `most`, both included. */
  between(least: number, most: number): number {
    return least + Math.floor((this.next() / 2 ** 32) * (most - least + 1));
  }

  chance(share: number): boolean {
    return this.next() / 2 ** 32 < share;
  }

  /** From 0 up to below `2 ** bits`, small numbers as often as large ones. */
  logUniform(bits: number): number {
    return Math.floor(2 ** ((this.next() / 2 ** 32) * bits)) - 1;
  }

  pick<T>(choices: readonly T[]): T {
    const picked = choices[this.between(0, choices.length - 1)];
    if (picked === undefined) throw new RangeError("nothing to pick from");
    return picked;
  }

  weighted<T>(choices: readonly (readonly [weight: number, choice: T])[]): T {
    let left = (this.next() / 2 ** 32) * choices.reduce((sum, [weight]) => sum + weight, 0);
    for (const [weight, choice] of choices) {
      left -= weight;
      if (left < 0) return choice;
    }
    return this.pick(choices)[1];
  }

  fill(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; at += 1) bytes[at] = this.next() & 0xff;
  }
}

function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  }
  return hash >>> 0;
}
