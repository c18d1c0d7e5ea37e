// The faults, shortened: a few kills, one round of failing syncs. What needs root or a program that is not there says so.
import { expect, it } from "vitest";
import { onPath } from "../../scripts/system-needs.ts";
import { removeStale, whyNoVolumes } from "../powercut/loop-volume.ts";
import { failingSync } from "./failing-sync.ts";
import { quickFolder } from "./faults-suite.ts";
import { killRounds } from "./kill-rounds.ts";

const seed = Math.floor(Math.random() * 1e9);
const folder = quickFolder();

it(
  `kill -9 of camera, dock and server loses nothing (seed ${seed.toString()})`,
  { timeout: 180_000 },
  async () => {
    expect(await killRounds({ rounds: 2, seed, folder, fsckEvery: 50 })).toMatchObject({ rounds: 2 });
  },
);

it(
  `one sync in ten that fails loses nothing (seed ${seed.toString()})`,
  { timeout: 180_000 },
  async (context) => {
    if (onPath(["fiu-run"]) === null) context.skip("fiu-run was not found: apt-get install fiu-utils");
    removeStale();
    const canCutPower = onPath(["xfs_io"]) !== null && (await whyNoVolumes()) === null;
    const report = await failingSync({ rounds: 1, seed, folder, canCutPower });
    expect(report.receipted).toBeGreaterThan(0);
  },
);
