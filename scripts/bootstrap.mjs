// The first step of every npm script: plain JavaScript that Node 20 can run. It guarantees that the
// packages of the lockfile are whole on disk, then hands over to a Node that strips types (24 or newer).
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { constants } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const thisFile = fileURLToPath(import.meta.url);
const root = resolve(dirname(thisFile), "..");
const stampFile = join(root, "node_modules", ".sworn-lock");
const LOCK_POLL_MS = 250;
const LOCK_NOTICE_MS = 1_000;

/** What must be the same for an installation to be good: the lockfile, and where it was installed. */
function wantedStamp() {
  const lockfile = readFileSync(join(root, "package-lock.json"));
  return createHash("sha256").update(lockfile).update(`${process.platform}-${process.arch}`).digest("hex");
}

function isInstalled() {
  return existsSync(stampFile) && readFileSync(stampFile, "utf8") === wantedStamp();
}

/**
 * Installs the locked packages unless that is done already. Synchronous, so that a command line can call
 * it before its first import. Ends the process with 3 when the packages cannot be installed.
 */
export function installPackages() {
  if (isInstalled()) return;
  const done = spawnSync(process.execPath, [thisFile, "install"], { cwd: root, stdio: ["ignore", 2, 2] });
  if (done.status !== 0) process.exit(3);
}

/** The path of a Node 24 or newer: this one, or the one that the optional packages bring. */
export function findNode() {
  if (Number(process.versions.node.split(".")[0]) >= 24) return process.execPath;
  const bundled = join(root, "node_modules", `node-linux-${process.arch}`, "bin", "node");
  if (process.platform === "linux" && existsSync(bundled)) return bundled;
  process.stderr.write(
    `Sworn needs Node 24; this is ${process.version}, and no Node came with the packages for ` +
      `${process.platform}-${process.arch}.\nInstall Node 24 and run the command again.\n`,
  );
  process.exit(3);
}

// An abstract socket as the lock: the kernel drops it with its process, so a kill leaves none behind.
// Where there are none (not Linux) two first runs are not kept apart; the stamp still tells half from whole.
function tryLock() {
  const name = createHash("sha256").update(root).digest("hex").slice(0, 24);
  return new Promise((resolveLock) => {
    if (process.platform !== "linux") return resolveLock("none");
    const server = createServer();
    server.once("error", (error) => resolveLock(error.code === "EADDRINUSE" ? "busy" : "none"));
    server.listen(`\0sworn-install-${name}`, () => resolveLock("held"));
  });
}

async function install() {
  let waitedMs = 0;
  while ((await tryLock()) === "busy") {
    if (waitedMs === LOCK_NOTICE_MS)
      process.stderr.write("Another run is installing the packages; waiting…\n");
    await new Promise((done) => setTimeout(done, LOCK_POLL_MS));
    waitedMs += LOCK_POLL_MS;
  }
  if (isInstalled()) return 0;
  process.stderr.write("Installing packages (first run, or the lockfile changed)…\n");
  // The old stamp goes first: from here until the new one, what is in node_modules counts as broken.
  rmSync(stampFile, { force: true });
  const stamp = wantedStamp();
  const [command, ...prefix] = npmCommand();
  const flags = ["--include=dev", "--include=optional", "--no-audit", "--no-fund", "--loglevel=error"];
  const child = spawn(command, [...prefix, "ci", ...flags], { cwd: root, stdio: ["ignore", 2, 2] });
  const status = await new Promise((done) => {
    child.once("error", () => done(127));
    child.once("exit", (code) => done(code ?? 1));
  });
  if (status !== 0) {
    process.stderr.write(
      status === 127
        ? "npm was not found. Install npm (it comes with Node) and run the command again.\n"
        : "npm ci failed (its message is above). Check the network and npm's registry setting, then run again.\n",
    );
    return 3;
  }
  writeFileSync(`${stampFile}.new`, stamp);
  renameSync(`${stampFile}.new`, stampFile);
  return 0;
}

// The npm that called us, where one did: it need not be on the PATH, and it runs under the Node that we are.
function npmCommand() {
  const caller = process.env.npm_execpath ?? "";
  return caller.endsWith("npm-cli.js") && existsSync(caller) ? [process.execPath, caller] : ["npm"];
}

/** Runs a file with the Node found, passing signals on, and ends with its exit code. */
export function handOver(args) {
  const node = findNode();
  const env = { ...process.env, PATH: `${dirname(node)}:${process.env.PATH ?? ""}` };
  const child = spawn(node, ["--disable-warning=ExperimentalWarning", ...args], { stdio: "inherit", env });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    // At a terminal Ctrl-C reaches the child by itself; sent twice it would mean "stop at once".
    process.on(signal, () => {
      if (signal !== "SIGINT" || !process.stdin.isTTY) child.kill(signal);
    });
  }
  child.on("error", (error) => {
    process.stderr.write(`Could not start ${node}: ${error.message}\n`);
    process.exit(3);
  });
  child.on("exit", (code, signal) => process.exit(signal ? 128 + constants.signals[signal] : (code ?? 3)));
}

async function main([command, ...args]) {
  if (command === "install" && args.length === 0) process.exit(await install());
  if (command === "run" && args.length > 0) {
    installPackages();
    return handOver(args);
  }
  process.stderr.write("usage: node scripts/bootstrap.mjs install | run FILE [ARGUMENT…]\n");
  process.exit(2);
}

if (process.argv[1] && resolve(process.argv[1]) === thisFile) await main(process.argv.slice(2));
