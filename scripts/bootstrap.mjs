// The first step of every npm script. Plain JavaScript for Node 20: installs what the lockfile says
// when it has changed, finds a Node that strips types (24 or newer), and hands over to it.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");

/** Installs the locked packages unless the stamp says that this lockfile is installed already. */
export function installPackages() {
  const lock = createHash("sha256").update(readFileSync(join(root, "package-lock.json"))).digest("hex");
  const stamp = join(root, "node_modules", ".sworn-lock");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === lock) return;
  process.stderr.write("Installing packages (first run, or the lockfile changed)…\n");
  const done = spawnSync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: root,
    stdio: ["ignore", 2, 2],
  });
  if (done.status !== 0) {
    process.stderr.write("npm ci failed. Check the network and `npm config get registry`, then run the command again.\n");
    process.exit(3);
  }
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, lock);
}

/** The path of a Node 24 or newer: this one, or the one that the optional packages bring. */
export function findNode() {
  if (Number(process.versions.node.split(".")[0]) >= 24) return process.execPath;
  const bundled = join(root, "node_modules", `node-linux-${process.arch}`, "bin", "node");
  if (existsSync(bundled)) return bundled;
  process.stderr.write(
    `Sworn needs Node 24; this is ${process.version} and no bundled Node exists for ${process.platform}-${process.arch}.\n` +
      "Install Node 24 and run the command again.\n",
  );
  process.exit(3);
}

function run(args) {
  const node = findNode();
  const env = { ...process.env, PATH: `${dirname(node)}:${process.env.PATH ?? ""}` };
  const child = spawn(node, ["--disable-warning=ExperimentalWarning", ...args], { cwd: process.cwd(), stdio: "inherit", env });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("exit", (code, signal) => process.exit(signal ? 128 : (code ?? 3)));
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const [command, ...args] = process.argv.slice(2);
  if (command !== "run") {
    process.stderr.write("usage: node scripts/bootstrap.mjs run FILE [ARGUMENT…]\n");
    process.exit(2);
  }
  installPackages();
  run(args);
}
