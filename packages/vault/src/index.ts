// The vault: encryption at rest, the keys, and the bytes. `@sworn/vault/floe` and `@sworn/vault/envelope`
// give those parts without any file system.

export { VaultError } from "./errors.ts";
export type { VaultErrorCode } from "./errors.ts";
export * from "./floe/index.ts";
export * from "./envelope.ts";
export { releaseBytes } from "./release-bytes.ts";
export { WRAPPED_KEY_BYTES, unwrapUnder, wrapUnder } from "./key-wrap.ts";
export { S3_MIN_PART_BYTES, openFolderStore } from "./store/folder-store.ts";
export type { FolderStore, FolderStoreOptions } from "./store/folder-store.ts";
export type {
  CheckLevel,
  ClaimedPart,
  CompleteOutcome,
  ObjectFinding,
  ObjectStat,
  ObjectStore,
  OpenedObject,
  PartWriter,
  RangeOutcome,
  StoredObject,
  StoredPart,
} from "./store/object-store.ts";
export type { MendOutcome } from "./store/mend-object.ts";
export { pairStores } from "./store/paired-store.ts";
export type { Damage, PairedStore, SettleOutcome } from "./store/paired-store.ts";
export type { RecoveryReport } from "./store/recover-store.ts";
export { PartDigest } from "./store/part-digest.ts";
export type { HashedSpan } from "./store/part-digest.ts";
export { blockingStoreFs, nodeStoreFs } from "./store/store-fs.ts";
export type { StoreFile, StoreFs } from "./store/store-fs.ts";
export { openKeyRing } from "./ring/key-ring.ts";
export type { GetOutcome, KeyLocation, KeyRing, KeyRingOptions, PutOutcome } from "./ring/key-ring.ts";
export type { RepairReport, RingDepth, RingFinding } from "./ring/check-ring.ts";
export type { RootKeys } from "./ring/root-keys.ts";
