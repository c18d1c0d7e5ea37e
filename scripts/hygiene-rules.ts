// What may not stand in a committed file, as pure functions of its path and text. Patterns are put together
// from parts so that this file does not find itself.

export interface Problem {
  file: string;
  line: number;
  what: string;
}

interface LineRule {
  what: string;
  pattern: RegExp;
  applies: (file: string) => boolean;
}

const any = (...words: string[]): string => `(?:${words.join("|")})`;
const isCode = (file: string): boolean =>
  /\.(ts|tsx|mts|mjs|js|css|html|sh|sql|yml|yaml)$|^\.ci\//.test(file);
const isProduct = (file: string): boolean =>
  isCode(file) && /^(packages|apps)\//.test(file) && !/\/test\//.test(file);
const isTest = (file: string): boolean => /\.test\.tsx?$/.test(file);
const isOurs = (file: string): boolean => !file.startsWith("test-vectors/");

const runner = `\\b${any("test", "it", "describe", "suite", "bench")}(?:\\.\\w+)*\\.`;

const lineRules: LineRule[] = [
  {
    what: "names a package registry's host; the lockfile and the docs must work with any registry",
    pattern: /\b(?:registry|npm)\.[a-z0-9-]+\.(?:com|org|net|io|dev|cn)\b/i,
    applies: () => true,
  },
  {
    what: 'pins a download address; keep "omit-lockfile-registry-resolved" on and run npm install again',
    pattern: /"resolved":\s*"(?:https?|git\+)/,
    applies: (file) => file.endsWith("package-lock.json"),
  },
  {
    what: "names a path of one machine; use a path relative to the repository or a temporary folder",
    pattern: new RegExp(
      `(?<![\\w./+=~$}-])/${any("work\\b", "root\\b", "tmp/\\w", "home/[a-z]", "Users/\\w")}`,
    ),
    applies: (file) => isOurs(file) && file !== "package-lock.json",
  },
  {
    what: "leaves a marker for later; do it now, or describe it in docs/ as not done",
    pattern: new RegExp(`\\b${any("TO" + "DO", "FIX" + "ME", "HA" + "CK")}\\b`),
    applies: (file) => isCode(file) && isOurs(file),
  },
  {
    what: "says that something is not real; make it real or leave it out",
    pattern: new RegExp(
      `\\b${any("stu" + "b(?:bed)?", "not (?:yet )?implemen" + "ted", "place" + "holder impl\\w*")}\\b`,
      "i",
    ),
    applies: isProduct,
  },
  {
    what: "runs one test only; the others would not run",
    pattern: new RegExp(`${runner}only\\b`),
    applies: isTest,
  },
];

/** A test may be skipped when a comment on its line or the line above says why. */
const skips = new RegExp(`${runner}(?:skip|skipIf|runIf|todo)\\b`);
const reason = /\/\/\s*\S.{10,}/;

/** Everything wrong in the text of one file, by line. */
export function checkText(file: string, text: string): Problem[] {
  const problems: Problem[] = [];
  const rules = lineRules.filter((rule) => rule.applies(file));
  const lines = text.split("\n");
  for (const [index, content] of lines.entries()) {
    for (const { what, pattern } of rules) {
      if (pattern.test(content)) problems.push({ file, line: index + 1, what });
    }
    if (
      isTest(file) &&
      skips.test(content) &&
      !reason.test(content) &&
      !reason.test(lines[index - 1] ?? "")
    ) {
      problems.push({ file, line: index + 1, what: "skips a test without a comment that says why" });
    }
  }
  return problems;
}

const sourceFolders = /^(packages|apps|scripts|e2e|bench)\//;
const kebab = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)*$/;
const migration = /^apps\/server\/migrations\/[0-9]{4}_[a-z0-9-]+\.sql$/;
const emptyWords = /(^|[-/.])(utils?|managers?|helpers?)([-/.]|$)/;

/** What is wrong with the name of a source file. */
export function checkName(file: string): Problem[] {
  if (!sourceFolders.test(file) || !/\.(ts|tsx|mts|mjs|js|css|sql|json)$/.test(file)) return [];
  const problems: Problem[] = [];
  if (!migration.test(file) && !file.split("/").every((part) => kebab.test(part))) {
    problems.push({ file, line: 0, what: "is not named in kebab-case" });
  }
  if (emptyWords.test(file)) {
    problems.push({ file, line: 0, what: "is named utils, manager or helper; name it after what it does" });
  }
  return problems;
}

/** The licence of a package.json must be the repository's. */
export function checkManifest(file: string, text: string): Problem[] {
  if (!/(^|\/)package\.json$/.test(file)) return [];
  let licence: unknown;
  try {
    licence = (JSON.parse(text) as { license?: unknown }).license;
  } catch {
    return [{ file, line: 0, what: "is not JSON" }];
  }
  return licence === "Apache-2.0" ? [] : [{ file, line: 0, what: 'has no "license": "Apache-2.0"' }];
}
