// Begins a file of the change log with a base: all kept rows of a force, in one view of the database, which from then on
// stands at this file. A crash before the file has its name leaves nothing; one after it leaves what compareLog knows.
import type { ForceId } from "@sworn/contract";
import { parseId } from "@sworn/custody";
import type { Database } from "../platform/database/database.ts";
import { ChangeFile } from "./change-file.ts";
import { sealFrame, type ChangeFrame, type ChangeRow } from "./change-frame.ts";
import { makeChangeKey, type ChangeKeyRing } from "./change-keys.ts";
import { dropNoted, inOneView, listNotedIds, putHead, readAllRows, readHead } from "./changes-store.ts";
import type { OpenedLog } from "./read-log.ts";

/** Text of one frame of a base, about. */
const frameCharacters = 4 * 1024 * 1024;

export interface BasePorts {
  readonly database: Database;
  readonly keys: ChangeKeyRing;
  readonly folder: string;
  /** The number of the newest migration. */
  readonly migration: number;
  readonly nowMs: number;
}

/** `after`: no file of the log has a higher epoch. */
export async function writeBase(ports: BasePorts, forceId: ForceId, after: number): Promise<OpenedLog> {
  let epoch = after + 1;
  let key = await makeChangeKey(ports.keys, forceId, epoch);
  while (key === null) key = await makeChangeKey(ports.keys, forceId, (epoch += 1));
  const file = await ChangeFile.begin(ports.folder, epoch);
  const log: OpenedLog = { forceId, file, key };
  try {
    await inOneView(ports.database, forceId, async (tx) => {
      const head = await readHead(tx);
      const covers = await listNotedIds(tx);
      const from = {
        epoch: head?.epoch ?? 0,
        frame: head?.frame ?? 0,
        migration: ports.migration,
        writtenAtMs: ports.nowMs,
      };
      await append(log, { kind: "base", isLast: false, from, covers, changes: [], entries: [] });
      const rest = { kind: "base", from: null, covers: [], entries: [] } as const;
      let page: ChangeRow[] = [];
      let characters = 0;
      for await (const rows of readAllRows(tx)) {
        page.push(...rows);
        characters += rows.reduce((sum, [, , , image]) => sum + image.length, 0);
        if (characters < frameCharacters) continue;
        await append(log, { ...rest, isLast: false, changes: page });
        page = [];
        characters = 0;
      }
      await append(log, { ...rest, isLast: true, changes: page });
      await file.publish();
      await dropNoted(tx, covers);
      await putHead(tx, forceId, { epoch, frame: file.frames });
    });
    return log;
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function append(log: OpenedLog, frame: ChangeFrame): Promise<void> {
  const place = { force: parseId(log.forceId), epoch: log.file.epoch, frame: log.file.frames + 1 };
  await log.file.append([sealFrame(log.key, place, frame)]);
}
