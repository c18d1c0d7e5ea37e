// Makes a new cluster. It appears under its name only when it is whole and on the disk: a crash in the middle
// leaves a part that the next attempt removes.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { syncFolder } from "../durable-file.ts";
import { PlatformError } from "../platform-error.ts";
import type { PostgresBinaries } from "./binaries.ts";
import type { ClusterLocation } from "./cluster-location.ts";
import { asUser, type SystemUser } from "./system-user.ts";

async function run(
  program: string,
  args: string[],
  home: string,
  user: SystemUser,
  env: object,
): Promise<void> {
  const child = spawn(program, args, {
    cwd: home,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...env, PATH: "/usr/bin:/bin", LC_ALL: "C", TZ: "UTC" },
    ...asUser(user),
  });
  let said = "";
  const keep = (chunk: Buffer): void => {
    said = (said + chunk.toString("utf8")).slice(-2000);
  };
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);
  const [status] = (await once(child, "close")) as [number | null];
  if (status !== 0) {
    throw new PlatformError(
      "postgres-failed",
      `${program} could not make a database in ${home}: ${said.trim()}`,
    );
  }
}

/** Runs initdb into `folder`, as `user`. */
export async function initialise(
  folder: string,
  home: string,
  binaries: PostgresBinaries,
  user: SystemUser,
  superuser: string,
): Promise<void> {
  const args = ["-D", folder, "-U", superuser, "--encoding=UTF8", "--no-locale", "--data-checksums"];
  await run(
    binaries.initdb,
    [...args, "--auth=trust", "--no-instructions"],
    home,
    user,
    binaries.environment,
  );
}

/** Makes the cluster of a location, from a template's copy when one is offered. */
export async function makeCluster(order: {
  location: ClusterLocation;
  binaries: PostgresBinaries;
  user: SystemUser;
  superuser: string;
  template: ((binaries: PostgresBinaries, user: SystemUser) => Promise<string>) | undefined;
}): Promise<void> {
  const { location, binaries, user } = order;
  const part = join(location.home, "cluster.part");
  await rm(part, { recursive: true, force: true });
  if (order.template === undefined) {
    await initialise(part, location.home, binaries, user, order.superuser);
  } else {
    await run("cp", ["-a", await order.template(binaries, user), part], location.home, user, {});
  }
  await rename(part, location.cluster);
  await syncFolder(location.home);
}
