import { globSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { verifyConsistency, verifyInclusion } from "../src/index.ts";

const FOLDER = new URL("../../../test-vectors/merkle/", import.meta.url);

interface InclusionVector {
  readonly leafIdx: number;
  readonly treeSize: number;
  readonly root: string;
  readonly leafHash: string;
  readonly proof: string[] | null;
  readonly desc: string;
  readonly wantErr: boolean;
}

interface ConsistencyVector {
  readonly size1: number;
  readonly size2: number;
  readonly root1: string;
  readonly root2: string;
  readonly proof: string[] | null;
  readonly desc: string;
  readonly wantErr: boolean;
}

function bytes(base64: string): Uint8Array {
  return new Uint8Array(Buffer.from(base64, "base64"));
}

function vectorPaths(kind: string): string[] {
  return globSync(`${kind}/**/*.json`, { cwd: FOLDER.pathname }).sort();
}

function load(path: string): unknown {
  return JSON.parse(readFileSync(new URL(path.replaceAll("%", "%25"), FOLDER), "utf8"));
}

describe("transparency-dev/merkle vectors", () => {
  it("are all here", () => {
    expect(vectorPaths("inclusion")).toHaveLength(49);
    expect(vectorPaths("consistency")).toHaveLength(43);
  });

  it.each(vectorPaths("inclusion"))("%s", async (path) => {
    const vector = load(path) as InclusionVector;
    const verdict = await verifyInclusion({
      index: vector.leafIdx,
      size: vector.treeSize,
      leafHash: bytes(vector.leafHash),
      proof: (vector.proof ?? []).map(bytes),
      root: bytes(vector.root),
    });
    expect(verdict.ok, vector.desc).toBe(!vector.wantErr);
  });

  it.each(vectorPaths("consistency"))("%s", async (path) => {
    const vector = load(path) as ConsistencyVector;
    const verdict = await verifyConsistency({
      oldSize: vector.size1,
      newSize: vector.size2,
      oldRoot: bytes(vector.root1),
      newRoot: bytes(vector.root2),
      proof: (vector.proof ?? []).map(bytes),
    });
    expect(verdict.ok, vector.desc).toBe(!vector.wantErr);
  });
});
