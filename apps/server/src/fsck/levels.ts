// The levels of fsck, from cheap to costly, and what each costs.

export type FsckLevel = 1 | 2 | 3 | 4;

export const fsckLevels: readonly FsckLevel[] = [1, 2, 3, 4];

export interface LevelDescription {
  readonly title: string;
  readonly reads: string;
  readonly keys: string;
}

export const levelDescriptions: Readonly<Record<FsckLevel, LevelDescription>> = {
  1: { title: "presence and lengths", reads: "names and lengths of all objects and keys", keys: "none" },
  2: { title: "stored bytes", reads: "every stored byte once", keys: "the key ring's root" },
  3: { title: "plaintext", reads: "every byte of media once, decrypted", keys: "the recordings' keys" },
  4: {
    title: "journals, signatures and ledger",
    reads: "journals, statements, tiles and all rows",
    keys: "the ledger's keys",
  },
};
