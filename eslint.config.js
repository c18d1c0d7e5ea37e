// Lint rules of the house. Types are checked strictly; the extra rules each say why in their message.
import tseslint from "typescript-eslint";

const sources = ["packages/*/src/**", "apps/*/{src,core,node,browser,migrations}/**"];
const pureSources = [
  "packages/{custody,ledger,media}/src/**",
  "apps/camera/core/**",
  "apps/camera/src/core/**",
];
const tests = ["**/test/**", "**/*.test.ts", "e2e/**", "bench/**"];
const named = "/(Utils?|Manager|Helpers?)$/i";

const everywhere = [
  {
    selector: `:matches(FunctionDeclaration, ClassDeclaration, TSInterfaceDeclaration, TSTypeAliasDeclaration, VariableDeclarator) > Identifier.id[name=${named}]`,
    message: "Name it after what it does: utils, manager and helper say nothing.",
  },
];
const noDefaultExport = {
  selector: "ExportDefaultDeclaration",
  message: "Export by name, so that a thing is called the same everywhere.",
};
const noBareError = {
  selector: "ThrowStatement > NewExpression[callee.name='Error']",
  message:
    "Throw a subclass of Error with a closed `code` and a `cause`, so that callers can tell faults apart.",
};
const environment = [
  {
    selector: "MemberExpression[object.name='process'][property.name='env']",
    message: "Only main.ts reads the environment; take what you need as an argument.",
  },
  {
    selector: "MemberExpression[object.name='process'][property.value='env']",
    message: "Only main.ts reads the environment; take what you need as an argument.",
  },
  {
    selector: "VariableDeclarator[init.name='process'] Property[key.name='env']",
    message: "Only main.ts reads the environment; take what you need as an argument.",
  },
  {
    selector: "ImportDeclaration[source.value=/^(node:)?process$/]",
    message: "Use the global `process`, so that reading the environment is seen by the rule for it.",
  },
];

const pureMessage =
  "Pure code runs the same in a browser and in Node, and does no I/O: take it as an argument.";
const ioGlobals = [
  "Buffer",
  "process",
  "fetch",
  "XMLHttpRequest",
  "WebSocket",
  "indexedDB",
  "localStorage",
  "console",
];

export default tseslint.config(
  { ignores: ["**/node_modules/**", "**/dist/**", "**/coverage/**", ".sworn/**", "test-vectors/**"] },
  { linterOptions: { reportUnusedDisableDirectives: "error" } },
  {
    files: ["**/*.{ts,tsx}"],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/consistent-type-imports": [
        "error",
        { fixStyle: "separate-type-imports", disallowTypeAnnotations: false },
      ],
      "@typescript-eslint/consistent-type-exports": "error",
      "@typescript-eslint/no-floating-promises": ["error", { checkThenables: true }],
      "@typescript-eslint/switch-exhaustiveness-check": [
        "error",
        { considerDefaultExhaustiveForUnions: true },
      ],
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      "@typescript-eslint/only-throw-error": "error",
      // Numbers in a template are exact; objects, arrays and undefined are still refused.
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
    },
  },
  {
    files: ["**/*.{js,mjs}"],
    extends: [tseslint.configs.strict],
    rules: { "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_" }] },
  },
  {
    files: ["**/*.{ts,tsx,js,mjs}"],
    rules: {
      eqeqeq: "error",
      "no-console": "error",
      "no-var": "error",
      "prefer-const": "error",
      "no-restricted-syntax": ["error", ...everywhere, noDefaultExport],
    },
  },
  { files: sources, rules: { "max-lines": ["error", { max: 400 }] } },
  {
    files: sources,
    rules: { "no-restricted-syntax": ["error", ...everywhere, noDefaultExport, noBareError] },
  },
  {
    files: ["apps/server/src/**"],
    ignores: ["apps/server/src/main.ts"],
    rules: {
      "no-restricted-syntax": ["error", ...everywhere, noDefaultExport, noBareError, ...environment],
    },
  },
  {
    files: pureSources,
    rules: {
      "no-restricted-globals": ["error", ...ioGlobals.map((name) => ({ name, message: pureMessage }))],
    },
  },
  {
    files: ["apps/verifier/**"],
    rules: {
      "no-restricted-globals": [
        "error",
        ...["fetch", "WebSocket", "XMLHttpRequest", "EventSource"].map((name) => ({
          name,
          message: "The verifier is offline: its verdict may not depend on what a server answers.",
        })),
      ],
    },
  },
  { files: ["scripts/**", "apps/cli/**", "bench/**"], rules: { "no-console": "off" } },
  {
    files: ["*.config.{ts,js}", ".dependency-cruiser.mjs"],
    rules: { "no-restricted-syntax": ["error", ...everywhere] },
  },
  {
    files: tests,
    rules: {
      "@typescript-eslint/no-confusing-void-expression": "off",
      "@typescript-eslint/require-await": "off",
    },
  },
);
