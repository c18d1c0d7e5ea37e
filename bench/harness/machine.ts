// Names the machine that the numbers are of: without it a ratio says little and a speed nothing.
import { execFileSync } from "node:child_process";
import { statfsSync } from "node:fs";
import { availableParallelism, cpus, release, tmpdir, totalmem, type } from "node:os";

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly kernel: string;
  /** File system of the temporary folder, where the disk is measured. */
  readonly fileSystem: string;
  readonly node: string;
}

function fileSystemOf(path: string): string {
  try {
    return execFileSync("stat", ["-f", "-c", "%T", path], { encoding: "utf8" }).trim();
  } catch {
    return `type 0x${statfsSync(path).type.toString(16)}`;
  }
}

export function thisMachine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    kernel: `${type()} ${release()}`,
    fileSystem: fileSystemOf(tmpdir()),
    node: process.version,
  };
}

export function describeMachine({ cpu, cores, memoryBytes, kernel, fileSystem, node }: Machine): string {
  const memory = (memoryBytes / 2 ** 30).toFixed(0);
  return `${cpu}, ${cores} cores, ${memory} GiB, ${kernel}, ${fileSystem}, Node ${node}`;
}
