// Compares a master with the film it must be, fragment for fragment: the test makes the film again, so that nothing the
// server says about its own hashes is taken on trust.
import { fragment, initSegment } from "../../apps/camera/test/node/synthetic-film.ts";
import { BrokenPromise } from "./acknowledgements.ts";

const FRAGMENT_MS = 2_000;

/** Size of a fragment's samples (which names the film), and how many fragments. @throws BrokenPromise */
export function readFilm(master: Buffer): { size: number; fragments: number } {
  const init = Buffer.from(initSegment());
  if (!master.subarray(0, init.length).equals(init)) throw new BrokenPromise("the init segment is another");
  let at = init.length;
  let fragments = 0;
  let size = 0;
  let sequence = 0;
  while (at < master.length) {
    if (at + 24 > master.length) throw new BrokenPromise("the film ends within a fragment");
    const moofBytes = master.readUInt32BE(at);
    // moof, mfhd, version and flags, then the sequence number.
    const found = master.readUInt32BE(at + 20);
    if (fragments > 0 && found !== sequence + 1)
      throw new BrokenPromise(`fragment ${sequence.toString()} has no next`);
    sequence = found;
    if (at + moofBytes + 4 > master.length) throw new BrokenPromise("the film ends within a fragment");
    const samples = master.readUInt32BE(at + moofBytes) - 8;
    if (fragments > 0 && samples !== size) throw new BrokenPromise("fragments of two films are mixed");
    size = samples;
    const wanted = fragment(sequence, (sequence - 1) * FRAGMENT_MS, FRAGMENT_MS, size);
    if (!master.subarray(at, at + wanted.length).equals(wanted))
      throw new BrokenPromise(`fragment ${sequence.toString()} differs`);
    at += wanted.length;
    fragments += 1;
  }
  return { size, fragments };
}
