import { describe, expect, it } from "vitest";
import { checkManifest, checkName, checkText } from "./hygiene-rules.ts";

// Cuts the words that the check looks for, so that it does not find this file.
const cut = "";

const bad: [file: string, text: string][] = [
  ["docs/a.md", `see https://r${cut}egistry.npmjs.org/x`],
  ["package-lock.json", '      "resolved": "https://somewhere.example/a.tgz",'],
  ["docs/a.md", `put it in /${cut}work/main`],
  ["apps/dock/src/a.ts", `const folder = "/${cut}tmp/sworn";`],
  ["apps/dock/src/a.ts", `const folder = "/${cut}home/jo/sworn";`],
  ["scripts/a.ts", `// T${cut}ODO: later`],
  ["apps/dock/src/a.ts", `// a s${cut}tub for now`],
  ["apps/dock/test/a.test.ts", `it.o${cut}nly("a", () => {});`],
  ["apps/dock/test/a.test.ts", `it.each([1]).o${cut}nly("a", () => {});\ndescribe.o${cut}nly("b")`],
  ["apps/dock/test/a.test.ts", `it.s${cut}kip("a", () => {});`],
  ["apps/dock/test/a.test.ts", `it.s${cut}kipIf(true)("a", () => {});`],
];

const good: [file: string, text: string][] = [
  ["docs/a.md", "ask `npm config get registry` which one; registry.schemas.get(id)"],
  ["package-lock.json", '      "resolved": "packages/custody",'],
  ["package-lock.json", '      "integrity": "sha512-a/tmp/b/work/c=="'],
  ["apps/dock/src/a.ts", "GET /recordings/work/1 and ./tmp/a and ${folder}/tmp/x"],
  [
    "apps/dock/test/a.test.ts",
    "// the footage is not part of the repository\nit.skipIf(absent)('a', () => {});",
  ],
  ["apps/dock/src/a.ts", "const method = 1; // stubborn hackney"],
];

describe("what may not stand in a file", () => {
  it.each(bad)("is found in %s: %s", (file, text) => {
    expect(checkText(file, text)).not.toEqual([]);
  });

  it.each(good)("is not found in %s: %s", (file, text) => {
    expect(checkText(file, text)).toEqual([]);
  });

  it("gives the line", () => {
    expect(checkText("scripts/a.ts", `a\nb F${cut}IXME\n`)).toMatchObject([
      { file: "scripts/a.ts", line: 2 },
    ]);
  });
});

describe("names of files", () => {
  it.each([
    "packages/a/src/sealRecording.ts",
    "apps/b/src/Seal.ts",
    "apps/b/src/date-utils.ts",
    "apps/b/src/helpers/a.ts",
  ])("%s is refused", (file) => {
    expect(checkName(file)).not.toEqual([]);
  });

  it.each([
    "packages/a/src/seal-recording.ts",
    "apps/server/migrations/0001_begin-here.sql",
    "docs/README.md",
    "e2e/play.test.ts",
  ])("%s is accepted", (file) => {
    expect(checkName(file)).toEqual([]);
  });
});

describe("package.json", () => {
  it("must carry the licence", () => {
    expect(checkManifest("apps/a/package.json", '{ "license": "Apache-2.0" }')).toEqual([]);
    expect(checkManifest("apps/a/package.json", "{}")).toHaveLength(1);
    expect(checkManifest("package.json", "{")).toHaveLength(1);
  });
});
