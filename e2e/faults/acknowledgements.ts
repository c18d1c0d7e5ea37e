// What was acknowledged, kept by the test, outside of everything that is made to fail. From it follows what must still be
// there: a recording with a receipt in the vault, every other one that a camera ever held on the camera.

/** A broken promise: what the suites look for. */
export class BrokenPromise extends Error {
  override readonly name = "BrokenPromise";
  readonly code = "broken-promise";
}

export class Acknowledgements {
  /** Receipts by recording, as the camera got them. */
  readonly receipts = new Map<string, Buffer>();
  /** Every recording that a camera ever held. */
  readonly known = new Set<string>();
  /** Fragments that the camera had stored, by the film's size, which names the film. */
  readonly stored = new Map<number, number>();
  /** The films that came out of the vault, by size, with their fragments. */
  readonly read = new Map<number, number>();

  hear(word: string, rest: string): void {
    if (word === "holds") this.#hold(rest === "" ? [] : rest.split(","));
    if (word === "receipt") {
      const [recording = "", text = ""] = rest.split(" ");
      this.#receive(recording, Buffer.from(text, "base64"));
    }
    if (word === "stored") {
      const [size = "", fragments = ""] = rest.split(" ");
      this.stored.set(Number(size), Number(fragments));
    }
  }

  #receive(recording: string, receipt: Buffer): void {
    const before = this.receipts.get(recording);
    if (before !== undefined && !before.equals(receipt)) {
      throw new BrokenPromise(`${recording} has two receipts that differ`);
    }
    this.receipts.set(recording, receipt);
  }

  #hold(held: readonly string[]): void {
    const here = new Set(held);
    if (here.size !== held.length) throw new BrokenPromise("the camera lists a recording twice");
    for (const id of this.known) {
      if (!here.has(id) && !this.receipts.has(id)) {
        throw new BrokenPromise(`${id} was on the camera, has no receipt, and is gone from it`);
      }
    }
    for (const id of held) this.known.add(id);
  }

  /** What came out of the vault: the film must be there as far as the camera had stored it. */
  sawFilm(size: number, fragments: number): void {
    const promised = this.stored.get(size) ?? 0;
    if (fragments < promised) {
      throw new BrokenPromise(
        `of film ${size.toString()} ${promised.toString()} fragments were stored, ${fragments.toString()} are left`,
      );
    }
    this.read.set(size, fragments);
  }

  /** Films of which the camera had stored something and which nobody has read back yet. */
  unread(): number[] {
    return [...this.stored.keys()].filter((size) => !this.read.has(size));
  }
}
