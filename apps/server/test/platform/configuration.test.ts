// Configuration: what is set is used, what is wrong is named, and the reference page lists what there is.
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { isLoopback, readConfiguration, settings } from "../../src/platform/configuration.ts";

const page = fileURLToPath(new URL("../../../../docs/reference/configuration.md", import.meta.url));

describe("readConfiguration", () => {
  it("has defaults that are safe on one machine", () => {
    expect(readConfiguration({ PATH: "/bin" })).toMatchObject({
      dataFolder: resolve(".sworn"),
      host: "127.0.0.1",
      port: 8014,
      databaseUrl: null,
      publicHosts: [],
      newForce: false,
    });
  });

  it("takes flags before variables", () => {
    const configuration = readConfiguration(
      { SWORN_PORT: "1", SWORN_PUBLIC_HOSTS: "A.example, b.example" },
      { port: 2 },
    );
    expect(configuration).toMatchObject({ port: 2, publicHosts: ["a.example", "b.example"] });
  });

  it.each([
    [{ SWORN_PROT: "8014" }, "SWORN_PROT"],
    [{ SWORN_PORT: "65536" }, "SWORN_PORT must be a whole number"],
    [{ SWORN_PORT: "" }, "SWORN_PORT"],
    [{ SWORN_PORT: "1e3" }, "SWORN_PORT"],
    [{ SWORN_BEHIND_PROXY: "true" }, 'must be "yes" or "no"'],
    [{ SWORN_LOG_LEVEL: "loud" }, "SWORN_LOG_LEVEL"],
    [{ SWORN_DATA_FOLDER: " " }, "SWORN_DATA_FOLDER"],
    [{ SWORN_PUBLIC_HOSTS: "a:80" }, "SWORN_PUBLIC_HOSTS"],
    [{ DATABASE_URL: "mysql://x" }, "DATABASE_URL"],
    [{ SWORN_TLS_KEY: "k.pem" }, "belong together"],
    [{ SWORN_HOST: "0.0.0.0" }, "nothing encrypts the link"],
  ])("names what is wrong in %o", (environment, message) => {
    expect(() => readConfiguration(environment)).toThrow(
      expect.objectContaining({ code: "configuration-invalid" }),
    );
    expect(() => readConfiguration(environment)).toThrow(message);
  });

  it("lets the server out of the loopback with TLS or behind a proxy only", () => {
    const tls = { SWORN_HOST: "0.0.0.0", SWORN_TLS_KEY: "k", SWORN_TLS_CERTIFICATE: "c" };
    expect(readConfiguration(tls).host).toBe("0.0.0.0");
    expect(readConfiguration({ SWORN_HOST: "::", SWORN_BEHIND_PROXY: "yes" }).behindProxy).toBe(true);
  });

  it("never repeats a value, which may be a password", () => {
    const environment = { DATABASE_URL: "mysql://u:secret@h/d" };
    expect(() => readConfiguration(environment)).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining("secret") as string }),
    );
  });
});

it("is documented setting by setting", () => {
  const text = readFileSync(page, "utf8");
  const rows = [...text.matchAll(/^\| `([A-Z_]+)` \| (.+?) \| (.+?) \|$/gm)].map((row) => row.slice(1));
  expect(rows).toEqual(
    Object.values(settings).map((setting) => [setting.variable, setting.shown, setting.meaning]),
  );
});

it("tells the loopback from everything else", () => {
  for (const host of ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1", "localhost"])
    expect(isLoopback(host)).toBe(true);
  for (const host of ["10.0.0.1", "::", "0.0.0.0", "127.0.0.1.evil", "x127.0.0.1"])
    expect(isLoopback(host)).toBe(false);
});
