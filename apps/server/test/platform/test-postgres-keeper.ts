// One PostgreSQL server for all test files that run at the same time. It lives while anybody holds a connection
// to its socket, and a few seconds longer, and leaves nothing behind but a template that makes the next start fast.
import { createHash } from "node:crypto";
import { access, chmod, chown, mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLog } from "../../src/platform/log.ts";
import type { PostgresBinaries } from "../../src/platform/postgres/binaries.ts";
import { startEmbeddedPostgres, superuser } from "../../src/platform/postgres/embedded-postgres.ts";
import { initialise } from "../../src/platform/postgres/make-cluster.ts";
import type { SystemUser } from "../../src/platform/postgres/system-user.ts";

export const keeperAddress = `\0sworn-test-postgres-${String(process.getuid?.() ?? 0)}-${createHash("sha256")
  .update(import.meta.url)
  .digest("hex")
  .slice(0, 12)}`;

const idleMs = 4_000;

async function template(binaries: PostgresBinaries, user: SystemUser): Promise<string> {
  const owner = String(user?.uid ?? process.getuid?.() ?? 0);
  const folder = join("/tmp", `sworn-test-template-${binaries.source}-${binaries.version}-${owner}`);
  const ready = join(folder, "cluster");
  const exists = await access(join(ready, "PG_VERSION")).then(
    () => true,
    () => false,
  );
  if (exists) return ready;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if (user !== null) await chown(folder, user.uid, user.gid);
  const part = `${ready}.${process.pid.toString()}`;
  await initialise(part, folder, binaries, user, superuser);
  await rename(part, ready);
  return ready;
}

async function keep(): Promise<void> {
  let holders = 0;
  let idle: NodeJS.Timeout | undefined;
  let finish = (): void => undefined;
  const done = new Promise<void>((resolve) => (finish = resolve));
  const rest = (): void => {
    idle = setTimeout(() => {
      finish();
    }, idleMs);
  };
  const state: { address?: string } = {};
  const waiting = new Set<(text: string) => void>();
  const server = createServer((socket) => {
    holders += 1;
    clearTimeout(idle);
    const tell = (text: string): void => void socket.write(text);
    if (state.address === undefined) waiting.add(tell);
    else tell(state.address);
    socket.on("error", () => undefined);
    socket.on("close", () => {
      waiting.delete(tell);
      holders -= 1;
      if (holders === 0) rest();
    });
    socket.resume();
  });
  // The name is taken by a keeper that is there already: it serves.
  server.on("error", () => process.exit(0));
  await new Promise<void>((resolve) => server.listen({ path: keeperAddress }, resolve));
  const folder = await mkdtemp(join(tmpdir(), "sworn-test-postgres-"));
  // PostgreSQL may run as another account, which must be able to pass.
  await chmod(folder, 0o711);
  const postgres = await startEmbeddedPostgres({
    dataFolder: join(folder, "postgres"),
    log: silentLog,
    template,
  });
  const address = `${JSON.stringify(postgres.administrator)}\n`;
  state.address = address;
  for (const tell of waiting) tell(address);
  if (holders === 0) rest();
  await Promise.race([done, postgres.ended]);
  server.close();
  await postgres.discard();
  await rm(folder, { recursive: true, force: true });
}

if (process.argv[2] === "keep") {
  await keep();
  process.exit(0);
}
