// The invariants of a station whose server runs: every receipt is for a recording that is whole in the vault, nothing is
// there twice, the log only grew. `fsckStation` looks at everything that is stored, with the server stopped.
import type { RecordingId } from "@sworn/contract";
import { type FsckLevel, checkStoredData, readConfiguration, silentLog, systemClock } from "@sworn/server";
import { BrokenPromise } from "./acknowledgements.ts";
import { readFilm } from "./read-film.ts";
import type { Seeded } from "./seeded.ts";
import type { Station } from "./station.ts";

type Listed = Awaited<ReturnType<Station["staff"]["listRecordings"]>>["recordings"][number];

async function listAll(station: Station): Promise<Listed[]> {
  const all: Listed[] = [];
  let after: string | undefined;
  do {
    const page = await station.staff.listRecordings({
      limit: 500,
      ...(after === undefined ? {} : { after }),
    });
    all.push(...page.recordings);
    after = page.next ?? undefined;
  } while (after !== undefined);
  return all;
}

function checkList(station: Station, listed: readonly Listed[]): void {
  const byId = new Map(listed.map((one) => [one.id as string, one]));
  if (byId.size !== listed.length) throw new BrokenPromise("a recording is listed twice");
  const numbers = new Set(listed.map((one) => one.number));
  if (numbers.size !== listed.length) throw new BrokenPromise("two recordings of the camera have one number");
  for (const id of station.acknowledged.receipts.keys()) {
    const one = byId.get(id);
    if (one?.state !== "collected" || one.verdict !== "verified" || !one.hasReceipt) {
      throw new BrokenPromise(`${id} has a receipt, and the vault says ${JSON.stringify(one ?? null)}`);
    }
  }
}

/** Reads one recording back and compares every byte and the receipt. @throws BrokenPromise */
async function readBack(station: Station, id: RecordingId): Promise<void> {
  const kept = station.acknowledged.receipts.get(id);
  if (kept?.equals(Buffer.from(await station.staff.receiptOf(id))) !== true)
    throw new BrokenPromise(`${id}: the vault has another receipt than the camera got`);
  const started = await station.staff.startExport(id, { recipient: "the test", purpose: "reading back" });
  const chunks: Uint8Array[] = [];
  for await (const chunk of station.staff.exportMaster(id, started.id)) chunks.push(chunk);
  const { size, fragments } = readFilm(Buffer.concat(chunks));
  station.acknowledged.sawFilm(size, fragments);
}

export interface CheckedStation {
  readonly receipted: number;
  readonly readBack: number;
}

/** Recordings that were read back once, so that a round reads what is new and a few of the others. */
export class StationCheck {
  readonly #station: Station;
  readonly #random: Seeded;
  readonly #read = new Set<string>();

  constructor(station: Station, random: Seeded) {
    this.#station = station;
    this.#random = random;
  }

  /** `older`: how many of those that were read before are read again. @throws BrokenPromise */
  async check(older = 1): Promise<CheckedStation> {
    const station = this.#station;
    checkList(station, await listAll(station));
    await station.ledger.look(station.url, station.forceId);
    const receipted = [...station.acknowledged.receipts.keys()];
    const due = receipted.filter((id) => !this.#read.has(id));
    const known = receipted.filter((id) => this.#read.has(id));
    for (let more = 0; more < older && known.length > 0; more += 1) {
      due.push(...known.splice(this.#random.below(known.length), 1));
    }
    for (const id of due) {
      await readBack(station, id as RecordingId);
      this.#read.add(id);
    }
    return { receipted: receipted.length, readBack: due.length };
  }
}

/** `sworn fsck` on the stopped server's folder. @throws BrokenPromise where it is not clean */
export async function fsckStation(station: Station, level: FsckLevel): Promise<void> {
  const configuration = readConfiguration({}, { dataFolder: station.folders.data });
  const report = await checkStoredData(configuration, { clock: systemClock, log: silentLog, level });
  if (report.isClean) return;
  const told = report.problems
    .filter((problem) => problem.severity !== "notice")
    .slice(0, 10)
    .map((problem) => `${problem.kind}: ${problem.message}`);
  throw new BrokenPromise(
    `fsck found ${report.problems.length.toString()} problems:\n  ${told.join("\n  ")}`,
  );
}
