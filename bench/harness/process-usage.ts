// CPU time and memory of processes and all their children, from /proc: the one place that also knows of processes that
// are not Node's.
import { readFile, readdir, writeFile } from "node:fs/promises";

/** The kernel counts CPU time in hundredths of a second, whatever the machine. */
const TICKS_PER_SECOND = 100;

interface Stat {
  readonly parent: number;
  readonly ticks: number;
}

async function statOf(pid: number): Promise<Stat | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  // The name may hold spaces and brackets: what counts starts after the last one.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const at = (place: number): number => Number(fields[place] ?? 0);
  // utime, stime, and those of children that ended: fields 14 to 17 of proc(5).
  return { parent: at(1), ticks: at(11) + at(12) + at(13) + at(14) };
}

/** These processes and everything below them that runs now. */
async function withChildren(pids: readonly number[]): Promise<Map<number, Stat>> {
  const stats = new Map<number, Stat>();
  for (const name of await readdir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const stat = await statOf(Number(name));
    if (stat !== undefined) stats.set(Number(name), stat);
  }
  const wanted = new Map<number, Stat>();
  for (const pid of pids) {
    const stat = stats.get(pid);
    if (stat !== undefined) wanted.set(pid, stat);
  }
  let grew = true;
  while (grew) {
    grew = false;
    for (const [pid, stat] of stats) {
      // The bench's own children count where they are named: a load generator is not its server.
      if (wanted.has(pid) || stat.parent === process.pid || !wanted.has(stat.parent)) continue;
      wanted.set(pid, stat);
      grew = true;
    }
  }
  return wanted;
}

export async function cpuSecondsOf(pids: readonly number[]): Promise<number> {
  let ticks = 0;
  for (const pid of pids) if (pid === process.pid) ticks -= await endedChildrenTicks(pid);
  for (const stat of (await withChildren(pids)).values()) ticks += stat.ticks;
  return ticks / TICKS_PER_SECOND;
}

async function endedChildrenTicks(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return Number(fields[13] ?? 0) + Number(fields[14] ?? 0);
}

/** Lets the kernel forget the peak of resident memory, so that the next one is this round's. */
export async function forgetPeak(pids: readonly number[]): Promise<void> {
  for (const pid of (await withChildren(pids)).keys()) {
    await writeFile(`/proc/${pid}/clear_refs`, "5").catch(() => undefined);
  }
}

/** The sum of the peaks: an upper bound, as they need not have come at one moment. Shared pages count once for each. */
export async function peakMemoryOf(pids: readonly number[]): Promise<number> {
  let kibibytes = 0;
  for (const pid of (await withChildren(pids)).keys()) {
    const text = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
    kibibytes += Number(/^VmHWM:\s+(\d+) kB/m.exec(text)?.[1] ?? 0);
  }
  return kibibytes * 1024;
}
