// The front door of backups: what a machine that burnt down is made again from.
export { BackupFault } from "./backup-fault.ts";
export { makeBackupKey, readPrivateKey, readPublicKey } from "./backup-key.ts";
export type { Copied } from "./copy-folder.ts";
export { listDestroyedKeys } from "./dump-store.ts";
export { makeBackup, type BackupReport } from "./make-backup.ts";
export { findParts, unpackDatabase, unpackFiles, unpackFolder } from "./unpack-backup.ts";
