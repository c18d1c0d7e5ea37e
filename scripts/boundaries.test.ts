// The canaries of the dependency rules: every rule of .dependency-cruiser.mjs is broken once here, on
// purpose, and must say so; a rule without a canary fails the test, and so does a violation in the tree.
import { rmSync } from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import { findViolations, readRules } from "./boundaries.ts";
import { makeTree, type Files } from "./boundary-fixture.ts";
import { root } from "./tree.ts";

const server = "apps/server/src";
const rules = await readRules();
const imports = (specifier: string): string => `import ${JSON.stringify(specifier)};\nexport const x = 1;\n`;
const importsType = (specifier: string): string =>
  `import type { Thing } from ${JSON.stringify(specifier)};\nexport type X = Thing;\n`;

const stowaway: Files = {
  "node_modules/stowaway/package.json": '{ "name": "stowaway", "version": "1.0.0", "main": "index.js" }',
  "node_modules/stowaway/index.js": "module.exports = {};\n",
};

// One for every line of the allow-list: a capability that nobody lists is used by it.
const capabilityCanaries: Record<string, Files[]> = Object.fromEntries(
  [...rules.keys()].flatMap((rule) => {
    const name = /^capability-(.+)-uses-only-its-list$/.exec(rule)?.[1];
    if (name === undefined) return [];
    const broken = { [`${server}/${name}/bad.ts`]: importsType("../fresh/index.ts") };
    return [[rule, [{ ...broken, [`${server}/fresh/index.ts`]: "export const x = 1;\n" }]]];
  }),
);

/** For each rule the files that break it, each set on its own. */
const canaries: Record<string, Files[]> = {
  "packages-never-import-apps": [
    { "packages/contract/src/bad.ts": imports("@sworn/server") },
    { "packages/contract/src/bad.ts": importsType("@sworn/server") },
    { "packages/contract/test/bad.test.ts": imports("../../../apps/server/src/index.ts") },
  ],
  "testbed-only-for-tests-and-demo": [{ "apps/dock/src/bad.ts": imports("@sworn/testbed") }],
  "enter-by-the-front-door": [
    { "apps/dock/src/bad.ts": imports("../../../packages/custody/src/inner-bytes.ts") },
    { "packages/ledger/test/bad.test.ts": importsType("../../custody/src/inner-bytes.ts") },
  ],
  "pure-packages-no-io": [
    { "packages/custody/src/bad.ts": imports("node:fs") },
    { "packages/ledger/src/bad.ts": imports("node:crypto") },
    { "packages/media/src/bad.ts": imports("net") },
    { "packages/media/src/bad.ts": importsType("node:stream") },
    { "packages/media/src/bad.ts": 'export const x = import("node:fs/promises");\n' },
  ],
  "pure-packages-import-only-pure-packages": [{ "packages/ledger/src/bad.ts": importsType("@sworn/vault") }],
  "pure-packages-only-vetted-libraries": [{ "packages/media/src/bad.ts": imports("left-pad") }],
  "verifier-sees-only-the-pure-packages": [
    { "apps/verifier/src/bad.ts": imports("@sworn/vault") },
    { "apps/verifier/src/bad.ts": importsType("@sworn/contract") },
    { "apps/verifier/src/bad.ts": importsType("@sworn/server") },
  ],
  "verifier-is-offline": [
    { "apps/verifier/src/bad.ts": imports("node:https") },
    { "apps/verifier/src/bad.ts": imports("dns/promises") },
  ],
  "camera-core-no-io": [{ "apps/camera/core/bad.ts": imports("node:fs") }],
  "camera-core-only-pure-packages": [
    { "apps/camera/core/bad.ts": imports("@sworn/vault") },
    { "apps/camera/core/bad.ts": importsType("../src/index.ts") },
    { "apps/camera/core/bad.ts": imports("left-pad") },
  ],
  "web-no-server-code": [
    { "apps/web/src/bad.ts": importsType("@sworn/server") },
    { "apps/web/src/bad.ts": imports("@sworn/vault") },
  ],
  "web-runs-in-a-browser": [{ "apps/web/src/bad.ts": imports("node:path") }],
  "capabilities-meet-at-their-index": [
    { [`${server}/retention/bad.ts`]: imports("../evidence/store.ts") },
    { [`${server}/jobs/bad.ts`]: importsType("../evidence/store.ts") },
    { [`${server}/main.ts`]: imports("./evidence/hold-recording.ts") },
  ],
  ...capabilityCanaries,
  "capability-evidence-uses-only-its-list": [
    {
      [`${server}/evidence/bad.ts`]: importsType("../ingest/index.ts"),
      [`${server}/ingest/index.ts`]: imports("x"),
    },
  ],
  "capability-not-on-the-list": [{ [`${server}/fresh/bad.ts`]: imports("../evidence/index.ts") }],
  "platform-imports-no-capability": [
    { [`${server}/platform/bad.ts`]: importsType("../evidence/index.ts") },
    { [`${server}/platform/bad.ts`]: imports("../http/listen.ts") },
  ],
  "sql-only-in-stores-and-platform": [
    { [`${server}/evidence/bad.ts`]: 'import { sql } from "kysely";\nexport const q = sql`select 1`;\n' },
    { [`${server}/evidence/bad.ts`]: importsType("kysely") },
    { [`${server}/evidence/routes.ts`]: imports("pg") },
    { "apps/cli/src/bad.ts": imports("pg") },
    { [`${server}/http/restore.ts`]: imports("pg") },
  ],
  "queue-only-in-jobs-and-platform": [{ [`${server}/ingest/store.ts`]: importsType("graphile-worker") }],
  "framework-only-in-routes-and-http": [
    { [`${server}/evidence/bad.ts`]: importsType("fastify") },
    { [`${server}/evidence/store.ts`]: imports("fastify") },
    { [`${server}/platform/bad.ts`]: imports("@fastify/static") },
  ],
  "use-cases-know-no-http": [{ [`${server}/evidence/bad.ts`]: importsType("../http/listen.ts") }],
  "migrations-stand-alone": [{ "apps/server/migrations/0002-bad.ts": imports("@sworn/contract") }],
  "no-cycles": [
    { "packages/vault/src/a.ts": importsType("./b.ts"), "packages/vault/src/b.ts": importsType("./a.ts") },
    {
      "packages/client/src/index.ts": imports("@sworn/vault"),
      "packages/vault/src/index.ts": imports("@sworn/client"),
    },
  ],
  "no-index-elsewhere": [
    {
      "packages/vault/src/fold/index.ts": "export const x = 1;\n",
      "packages/vault/src/a.ts": imports("./fold/index.ts"),
    },
  ],
  "no-other-barrels": [
    { "packages/custody/src/all.ts": 'export * from "./inner-bytes.ts";\n' },
    { "packages/custody/src/all.ts": 'export type { bytes } from "./inner-bytes.ts";\n' },
  ],
  "no-test-code-in-the-product": [{ "packages/custody/src/bad.ts": importsType("../test/bytes.test.ts") }],
  "no-dev-packages-in-the-product": [{ "packages/vault/src/bad.ts": imports("vitest") }],
  "no-undeclared-packages": [
    { "packages/vault/src/bad.ts": imports("stowaway"), ...stowaway },
    { "apps/camera/node/bad.ts": importsType("stowaway"), ...stowaway },
  ],
  "not-to-unresolvable": [
    { "packages/vault/src/bad.ts": imports("./nowhere.ts") },
    { "packages/vault/src/bad.ts": importsType("not-installed") },
  ],
};

const made: string[] = [];
function tree(extra?: Files): string {
  const folder = makeTree(extra);
  made.push(folder);
  return folder;
}

afterEach(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
});

describe("dependency rules", () => {
  it("accept code that uses each thing where it is allowed", async () => {
    const findings = await findViolations(tree());
    expect(findings.violations).toEqual([]);
    expect(findings.unseen).toEqual([]);
    expect(findings.moduleCount).toBeGreaterThan(20);
  });

  it("each have a canary and a reason", () => {
    expect(Object.keys(capabilityCanaries).length).toBeGreaterThanOrEqual(8);
    expect([...rules.keys()].sort()).toEqual(Object.keys(canaries).sort());
    for (const [name, comment] of rules) expect(comment.length, name).toBeGreaterThan(40);
  });

  for (const [rule, sets] of Object.entries(canaries)) {
    it.each(sets.map((files) => ({ files, where: Object.keys(files)[0] ?? "" })))(
      `${rule} fires ($where)`,
      async ({ files }) => {
        const { violations } = await findViolations(tree(files));
        expect(violations.map((violation) => violation.rule)).toContain(rule);
      },
    );
  }

  it("hold in this repository", async () => {
    const findings = await findViolations(root);
    expect(findings.violations).toEqual([]);
    expect(findings.unseen).toEqual([]);
  });
});
