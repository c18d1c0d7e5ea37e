// The reference page of ledger events names every kind that the code stages, and no other.
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { expect, it } from "vitest";

const source = fileURLToPath(new URL("../../src/", import.meta.url));
const page = fileURLToPath(new URL("../../../../docs/reference/ledger-events.md", import.meta.url));

/** Every kind in a line such as `event: "hold-placed"` or `event: … ? "a-b" : "c-d"`. */
function stagedKinds(): string[] {
  const files = readdirSync(source, { recursive: true, encoding: "utf8" }).filter((name) =>
    name.endsWith(".ts"),
  );
  const lines = files.flatMap((name) => readFileSync(join(source, name), "utf8").split("\n"));
  const staged = lines.filter((line) => /^\s*(.*[{,] )?event: .*"/.test(line));
  return staged.flatMap((line) =>
    [...line.slice(line.indexOf("event: ")).matchAll(/"([a-z]+(?:-[a-z]+)+)"/g)].map(([, kind = ""]) => kind),
  );
}

it("is complete and exact", () => {
  const rows = readFileSync(page, "utf8")
    .split("\n")
    .filter((line) => /^\| `/.test(line));
  const documented = rows.flatMap((row) =>
    [...(row.split("|")[1] ?? "").matchAll(/`([^`]+)`/g)].map(([, kind = ""]) => kind),
  );
  const staged = [...new Set(stagedKinds())].sort();
  expect(staged.length).toBeGreaterThan(25);
  expect([...documented].sort()).toEqual(staged);
});
