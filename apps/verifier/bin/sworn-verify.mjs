#!/usr/bin/env node
// Starts the verifier with a Node that strips types. Plain JavaScript that Node 20 can run; the verifier itself is
// TypeScript and needs 24. Looks for no package to install: a verifier makes no connection.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const MINIMUM = 24;

/** This Node if it is new enough, else the one that came with the packages, in any folder above; else null. */
function findNode() {
  if (Number(process.versions.node.split(".")[0]) >= MINIMUM) return process.execPath;
  for (let folder = here; ; folder = dirname(folder)) {
    const bundled = join(folder, "node_modules", `node-linux-${process.arch}`, "bin", "node");
    if (process.platform === "linux" && existsSync(bundled)) return bundled;
    if (dirname(folder) === folder) return null;
  }
}

const node = findNode();
if (node === null) {
  process.stderr.write(
    `The verifier needs Node ${MINIMUM}; this is ${process.version}.\nInstall Node ${MINIMUM} and run it again.\n`,
  );
  process.exit(3);
}
const main = join(here, "..", "src", "main.ts");
const child = spawn(node, ["--disable-warning=ExperimentalWarning", main, ...process.argv.slice(2)], {
  stdio: "inherit",
});
child.on("error", (error) => {
  process.stderr.write(`Could not start ${node}: ${error.message}\n`);
  process.exit(3);
});
child.on("exit", (code) => process.exit(code ?? 3));
