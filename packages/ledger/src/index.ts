/** The transparency log, pure: tree, tiles, proofs, checkpoints, signed notes. Runs in browsers and in Node. */
export {
  CHECKPOINT_PATH,
  changedEntryBundles,
  changedTiles,
  parseTilePath,
  tilePath,
  tileWidth,
} from "./tile-path.ts";
export { TILE_HEIGHT, TILE_WIDTH } from "./tile-path.ts";
export type { TileCoordinate } from "./tile-path.ts";
export { decodeTile, encodeTile, nodesFromTiles, readTileHashes } from "./tile.ts";
export type { TileReader } from "./tile.ts";
export {
  decodeEntryBundle,
  encodeEntryBundle,
  growEntryBundles,
  MAX_LEAF_BYTES,
  readEntries,
} from "./entry-bundle.ts";
export type { TileWrite } from "./entry-bundle.ts";
export { growTree } from "./grow-tree.ts";
export type { GrownTree, TreeGrowth } from "./grow-tree.ts";
export { rootFromEntryBundles } from "./root-from-entries.ts";
export type { EntriesVerdict } from "./root-from-entries.ts";
export { verifyLog } from "./verify-log.ts";
export type { LogFault, LogFinding, LogToVerify, LogVerdict } from "./verify-log.ts";
export { digestLeaf, digestNode, HASH_BYTES, hashLeaf, hashNode } from "./merkle-hash.ts";
export type { Sha256 } from "./merkle-hash.ts";
export { rootOfLeafHashes } from "./merkle-tree.ts";
export type { NodeCoordinate } from "./merkle-tree.ts";
export { nodesFromLeafHashes, proveConsistency, proveInclusion, readRoot } from "./prove.ts";
export type { NodeReader } from "./prove.ts";
export { verifyConsistency, verifyInclusion } from "./verify-merkle-proof.ts";
export type { ConsistencyClaim, InclusionClaim, ProofFault, ProofVerdict } from "./verify-merkle-proof.ts";
export { encodeCheckpoint, parseCheckpoint } from "./checkpoint.ts";
export type { Checkpoint } from "./checkpoint.ts";
export { verifyCheckpoint } from "./verify-checkpoint.ts";
export type { CheckpointFault, CheckpointPolicy, CheckpointVerdict } from "./verify-checkpoint.ts";
export { encodeNote, encodeSignatureLine, MAX_NOTE_BYTES, MAX_NOTE_SIGNATURES, parseNote } from "./note.ts";
export type { Note, NoteSignature } from "./note.ts";
export {
  createSigner,
  createVerifier,
  encodeVerifierKey,
  isKeyName,
  noteKeyId,
  parseVerifierKey,
  SIGNATURE_TYPES,
} from "./note-key.ts";
export type { NoteSigner, NoteVerifier, SignatureType, SignatureTypeName } from "./note-key.ts";
export { addSignatures, cosignCheckpoint, signNote } from "./sign-note.ts";
export { verifyNote } from "./verify-note.ts";
export type { NoteFault, NoteVerdict, VerifiedSignature } from "./verify-note.ts";
export { encodeTlogProof, MAX_EXTRA_BYTES, parseTlogProof, verifyTlogProof } from "./tlog-proof.ts";
export type { TlogProof, TlogProofVerdict } from "./tlog-proof.ts";
export { LedgerError } from "./error.ts";
export type { LedgerErrorCode, MalformedCode, Parsed, Refusal } from "./error.ts";
