// The static checks of `npm test`, as commands under the Node that runs this, and how to run one.
import { spawn } from "node:child_process";
import { root } from "./tree.ts";

export interface Step {
  name: string;
  args: string[];
}

export interface Outcome {
  exitCode: number | null;
  output: string;
  tookMs: number;
}

const bin = {
  tsc: "node_modules/typescript/bin/tsc",
  prettier: "node_modules/prettier/bin/prettier.cjs",
  eslint: "node_modules/eslint/bin/eslint.js",
  knip: "node_modules/knip/bin/knip.js",
  vitest: "node_modules/vitest/vitest.mjs",
};

/** Every static check over the whole repository; longest first, because two run at a time. */
export const staticSteps: Step[] = [
  { name: "eslint", args: [bin.eslint, "--max-warnings", "0", "."] },
  { name: "typecheck", args: [bin.tsc, "--noEmit", "-p", "tsconfig.json"] },
  { name: "knip", args: [bin.knip, "--no-progress", "--no-config-hints"] },
  { name: "prettier", args: [bin.prettier, "--check", "--log-level", "warn", "."] },
  { name: "boundaries", args: ["scripts/boundaries.ts"] },
  { name: "hygiene", args: ["scripts/hygiene.ts"] },
  { name: "sizes", args: ["scripts/sizes.ts"] },
];

/** The checks of one or a few folders; types and boundaries cannot be judged in part. */
export function folderSteps(folders: string[]): Step[] {
  return [
    { name: "eslint", args: [bin.eslint, "--max-warnings", "0", ...folders] },
    { name: "typecheck", args: [bin.tsc, "--noEmit", "-p", "tsconfig.json"] },
    { name: "prettier", args: [bin.prettier, "--check", "--log-level", "warn", ...folders] },
    { name: "boundaries", args: ["scripts/boundaries.ts"] },
  ];
}

export function vitestStep(reportFile: string, filters: string[]): Step {
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${reportFile}`];
  return { name: "vitest", args: [bin.vitest, "run", ...reporters, ...filters] };
}

/** Runs a step to its end. With `show` its output goes to the terminal as it comes, and is not kept. */
export function runStep(step: Step, show: boolean): Promise<Outcome> {
  const startedAtMs = performance.now();
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", ...step.args], {
      cwd: root,
      stdio: ["ignore", show ? "inherit" : "pipe", show ? "inherit" : "pipe"],
    });
    const finish = (exitCode: number | null): void => {
      resolve({
        exitCode,
        output: Buffer.concat(chunks).toString("utf8"),
        tookMs: performance.now() - startedAtMs,
      });
    };
    child.stdout?.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.stderr?.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.once("error", (error) => {
      chunks.push(Buffer.from(error.message));
      finish(null);
    });
    child.once("close", finish);
  });
}
