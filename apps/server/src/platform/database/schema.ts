// All tables, for typed queries. A capability adds a file in tables/ and one name below.
import type { DockingTables } from "./tables/docking.ts";
import type { EvidenceTables } from "./tables/evidence.ts";
import type { IngestTables } from "./tables/ingest.ts";
import type { JobTables } from "./tables/jobs.ts";
import type { PeopleTables } from "./tables/people.ts";
import type { RetentionTables } from "./tables/retention.ts";
import type { PlaybackTables } from "./tables/playback.ts";

export interface DatabaseSchema
  extends
    PeopleTables,
    JobTables,
    EvidenceTables,
    DockingTables,
    IngestTables,
    PlaybackTables,
    RetentionTables {}
