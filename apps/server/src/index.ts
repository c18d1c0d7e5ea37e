// The front door of the server for programs that start one: the command line and the testbed.
export { checkDataFolder, type DataFolderFacts } from "./check-data-folder.ts";
export { checkStoredData, type CheckOptions } from "./check-stored-data.ts";
export {
  type FsckLevel,
  fsckLevels,
  type FsckProgress,
  type FsckReport,
  levelDescriptions,
  type Problem,
} from "./fsck/index.ts";
export { type Clock, type MovableClock, movableClock, systemClock } from "./platform/clock.ts";
export { type Configuration, readConfiguration } from "./platform/configuration.ts";
export type { DataFolderPurpose } from "./platform/data-folder.ts";
export { createLog, type Log, type LogLevel, silentLog } from "./platform/log.ts";
export { PlatformError, type PlatformErrorCode } from "./platform/platform-error.ts";
export { backUpData, type BackupOptions } from "./back-up-data.ts";
export { makeBackupKey, type BackupReport, type Copied } from "./backup/index.ts";
export { restoreData, type RestoreOptions, type RestoreReport } from "./restore-data.ts";
export { recoverStoredData, type RecoverOptions, type RecoverReport } from "./recover-stored-data.ts";
export type { ForceRecovery, RecoverProgress } from "./recovery/index.ts";
export { serve } from "./serve.ts";
export { type RunningServer, type StartOptions, startServer, VERSION } from "./start-server.ts";
