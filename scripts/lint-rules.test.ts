// The canaries of the rules that this house adds to ESLint: each is broken on purpose and must say so.
import { ESLint } from "eslint";
import { describe, expect, it } from "vitest";
import { root } from "./tree.ts";

// Files that do not exist, so that the cases hold whatever the tree has; typed rules must be told of them.
const eslint = new ESLint({
  cwd: root,
  overrideConfig: {
    languageOptions: {
      parserOptions: {
        projectService: {
          allowDefaultProject: ["packages/*/src/lint-canary.ts", "apps/*/src/lint-canary.ts"],
          defaultProject: "tsconfig.json",
        },
      },
    },
  },
});
const server = "apps/server/src/lint-canary.ts";
const custody = "packages/custody/src/lint-canary.ts";

async function rulesBroken(filePath: string, code: string): Promise<string[]> {
  const [result] = await eslint.lintText(code, { filePath });
  return (result?.messages ?? []).map(({ ruleId, message }) => ruleId ?? message);
}

const bad: [rule: string, file: string, code: string][] = [
  ["no-restricted-syntax", server, "export const a = process.env;\n"],
  ["no-restricted-syntax", server, 'export const a = process.env["A"] ?? "";\n'],
  ["no-restricted-syntax", server, 'export const a = process["env"];\n'],
  ["no-restricted-syntax", server, "export const { env } = process;\n"],
  ["no-restricted-syntax", server, 'import { env } from "node:process";\nexport const a = env;\n'],
  ["no-restricted-syntax", server, "export default 1;\n"],
  ["no-restricted-syntax", server, 'export function a(): never {\n  throw new Error("a");\n}\n'],
  ["no-restricted-syntax", server, "export class UploadManager {}\n"],
  ["no-restricted-syntax", custody, "export function hashHelper(): void {}\n"],
  ["no-console", server, 'console.log("a");\nexport {};\n'],
  ["no-restricted-globals", custody, "export const a = Buffer.alloc(1);\n"],
  ["no-restricted-globals", custody, 'export const a = fetch("a");\n'],
  ["no-restricted-globals", "apps/verifier/src/lint-canary.ts", 'export const a = fetch("a");\n'],
  ["max-lines", custody, "export const a = 1;\n".padEnd(420, "\n")],
  ["@typescript-eslint/no-floating-promises", server, "Promise.resolve(1);\nexport {};\n"],
  ["@typescript-eslint/no-explicit-any", server, "export const a: any = 1;\n"],
  ["@typescript-eslint/no-non-null-assertion", server, "export const a = (b: string | null) => b!;\n"],
  [
    "@typescript-eslint/consistent-type-imports",
    server,
    'import { Stats } from "node:fs";\nexport type A = Stats;\n',
  ],
];

describe("lint rules of the house", () => {
  // The first one waits for the types of the whole repository.
  it.each(bad)("%s in %s: %j", { timeout: 90_000 }, async (rule, file, code) => {
    expect(await rulesBroken(file, code)).toContain(rule);
  });

  it("let main.ts read the environment, and the command line print", async () => {
    const config = (await eslint.calculateConfigForFile("apps/server/src/main.ts")) as {
      rules: Record<string, unknown[]>;
    };
    expect(JSON.stringify(config.rules["no-restricted-syntax"])).not.toContain("process");
    expect(await rulesBroken("apps/cli/src/lint-canary.ts", 'console.log("a");\nexport {};\n')).toEqual([]);
  });

  it("accept plain good code", async () => {
    expect(await rulesBroken(custody, "/** One. */\nexport const one = 1;\n")).toEqual([]);
  });
});
