import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { onPath, provideNeeds, type Need } from "./system-needs.ts";

const isRootWithApt = process.getuid?.() === 0 && onPath(["apt-get"]) !== null;

describe("finding a program", () => {
  it("takes the first one that can be executed", () => {
    const folder = mkdtempSync(join(tmpdir(), "sworn-needs-"));
    try {
      writeFileSync(join(folder, "plain"), "");
      writeFileSync(join(folder, "program"), "");
      chmodSync(join(folder, "program"), 0o755);
      expect(onPath(["program"], `/nowhere::${folder}`)).toBe(join(folder, "program"));
      expect(onPath(["absent"], folder)).toBeNull();
      // Root may read anything, but nobody may execute a file without the bit.
      expect(onPath(["plain"], folder)).toBeNull();
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe("providing what is needed", () => {
  const present: Need = { name: "A", debianPackage: "a", find: () => "/usr/bin/a" };

  it("installs nothing when all is there", () => {
    const install = vi.fn(() => true);
    expect(provideNeeds([present], install)).toEqual([]);
    expect(install).not.toHaveBeenCalled();
  });

  it("names what is still missing, after trying to install it where it may", () => {
    const install = vi.fn(() => false);
    const absent: Need = { name: "B", debianPackage: "b", find: () => null };
    expect(provideNeeds([present, absent], install)).toEqual([absent]);
    expect(install.mock.calls).toEqual(isRootWithApt ? [[["b"]]] : []);
  });
});
