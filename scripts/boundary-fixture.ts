// A small tree laid out like the repository, in which every allowed edge occurs, for the boundary canaries.
import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

export type Files = Record<string, string>;

const packages = ["custody", "ledger", "vault", "media", "contract", "client", "testbed"];
const apps = ["camera", "dock", "server", "verifier", "witness", "cli", "web"];
const libraries = ["kysely", "pg", "graphile-worker", "fastify", "cbor2", "left-pad", "vitest"];

function manifest(name: string, devDependencies: string[] = []): string {
  const dependencies = [...packages, ...apps].map((other) => `@sworn/${other}`).concat(libraries);
  const versions = (names: string[]): Files => Object.fromEntries(names.map((each) => [each, "*"]));
  return JSON.stringify({
    name,
    version: "0.1.0",
    type: "module",
    exports: { ".": "./src/index.ts" },
    dependencies: versions(dependencies.filter((each) => !devDependencies.includes(each))),
    devDependencies: versions(devDependencies),
  });
}

const server = "apps/server/src";

/** Code that keeps every rule, by using each thing in the place where it is allowed. */
const allowed: Files = {
  "packages/custody/src/index.ts": 'export { bytes } from "./inner-bytes.ts";\n',
  "packages/custody/src/inner-bytes.ts": 'import "cbor2";\nexport const bytes = 1;\n',
  "packages/custody/test/bytes.test.ts":
    'import { readFileSync } from "node:fs";\nimport "vitest";\nimport { bytes } from "../src/inner-bytes.ts";\nvoid readFileSync;\nvoid bytes;\n',
  "packages/ledger/src/index.ts": 'import { bytes } from "@sworn/custody";\nexport const leaf = bytes;\n',
  "packages/vault/src/index.ts": 'import "node:fs";\nexport const store = 1;\n',
  "packages/testbed/src/index.ts": 'import { serve } from "@sworn/server";\nexport const boot = serve;\n',
  "apps/verifier/src/index.ts":
    'import "node:fs/promises";\nimport { leaf } from "@sworn/ledger";\nexport const verify = leaf;\n',
  "apps/camera/core/index.ts": 'export { state } from "./state.ts";\n',
  "apps/camera/core/state.ts":
    'import type { bytes } from "@sworn/custody";\nexport type state = typeof bytes;\n',
  "apps/camera/src/index.ts": 'import "node:fs";\nexport const camera = 1;\n',
  "apps/cli/src/index.ts": 'import { boot } from "@sworn/testbed";\nexport const demo = boot;\n',
  "apps/web/src/index.ts": 'import { call } from "@sworn/client";\nexport const page = call;\n',
  [`${server}/index.ts`]: 'export { serve } from "./http/listen.ts";\n',
  [`${server}/http/listen.ts`]: 'import "fastify";\nexport const serve = 1;\n',
  [`${server}/platform/database.ts`]: 'import "kysely";\nimport "pg";\nexport const database = 1;\n',
  [`${server}/jobs/run-jobs.ts`]: 'import "graphile-worker";\nexport const run = 1;\n',
  [`${server}/ledger/index.ts`]: "export const append = 1;\n",
  [`${server}/evidence/index.ts`]: 'export { find } from "./store.ts";\n',
  [`${server}/evidence/store.ts`]:
    'import "kysely";\nimport { database } from "../platform/database.ts";\nexport const find = database;\n',
  [`${server}/evidence/routes.ts`]:
    'import "fastify";\nimport { serve } from "../http/listen.ts";\nexport const routes = serve;\n',
  [`${server}/evidence/hold-recording.ts`]:
    'import { append } from "../ledger/index.ts";\nexport const hold = append;\n',
  [`${server}/unlisted/index.ts`]: 'export { own } from "./own.ts";\n',
  [`${server}/unlisted/own.ts`]: 'import { run } from "../jobs/run-jobs.ts";\nexport const own = run;\n',
  "apps/server/migrations/0001-begin.ts": 'import "kysely";\nexport const up = 1;\n',
};

function write(folder: string, files: Files): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

/** Makes the tree in a new temporary folder, with `extra` files added or replaced, and returns its path. */
export function makeTree(extra: Files = {}): string {
  const folder = mkdtempSync(join(tmpdir(), "sworn-boundaries-"));
  mkdirSync(join(folder, "node_modules", "@sworn"), { recursive: true });
  const workspaces = [...packages.map((name) => `packages/${name}`), ...apps.map((name) => `apps/${name}`)];
  for (const path of workspaces) {
    const name = path.replace(/^.*\//, "");
    write(folder, {
      [`${path}/package.json`]: manifest(`@sworn/${name}`, ["vitest"]),
      [`${path}/src/index.ts`]: "export const call = 1;\n",
    });
    symlinkSync(`../../${path}`, join(folder, "node_modules", "@sworn", name));
  }
  for (const name of libraries) {
    write(join(folder, "node_modules", name), {
      "package.json": JSON.stringify({ name, version: "1.0.0", main: "index.js", types: "index.d.ts" }),
      "index.js": "module.exports = {};\n",
      "index.d.ts": "export interface Thing { size: number }\n",
    });
  }
  write(folder, { "package.json": JSON.stringify({ name: "fixture", type: "module" }) });
  write(folder, allowed);
  write(folder, extra);
  return folder;
}
