// What an operator can set, from SWORN_* variables and DATABASE_URL, with flags before variables before
// defaults. A variable that nobody reads, or a value out of range, stops the start with a message that names it.
import { resolve } from "node:path";
import { isIP } from "node:net";
import type { LogLevel } from "./log.ts";
import { PlatformError } from "./platform-error.ts";

export interface Configuration {
  /** Absolute path. */
  readonly dataFolder: string;
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Null means the embedded PostgreSQL. */
  readonly databaseUrl: string | null;
  readonly databaseConnections: number;
  readonly logLevel: LogLevel;
  /** Names this server answers for, besides localhost and addresses; small letters, without a port. */
  readonly publicHosts: readonly string[];
  /** Certificate chain and key files (PEM) for TLS; both or neither. */
  readonly tlsCertificateFile: string | null;
  readonly tlsKeyFile: string | null;
  /** Whether a proxy in front ends TLS, so that plain HTTP beyond the loopback is right. */
  readonly behindProxy: boolean;
  /** Largest body of a request with JSON, in bytes. Uploads have limits of their own. */
  readonly bodyLimitBytes: number;
  readonly maximumConnections: number;
  /** Days from the journal that promised a recording until it is overdue and a finding names it. */
  readonly missingAfterDays: number;
  /** 0: none. */
  readonly scrubBytesPerSecond: number;
  /** Null: none. */
  readonly secondStore: string | null;
  /** Null: where it was before, in the data folder at first. */
  readonly secondKeys: string | null;
  /** Print a setup code at the start even though a force exists already. */
  readonly newForce: boolean;
}

interface Setting<T> {
  readonly variable: string;
  readonly fallback: T;
  /** Returns the value, or throws an `UnfitValue`. */
  readonly read: (text: string) => T;
  readonly shown: string;
  readonly meaning: string;
}

/** What a reader throws: its message completes "NAME …" and never repeats the value, which may be a secret. */
class UnfitValue extends Error {
  readonly code = "unfit-value";
}

function whole(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    throw new UnfitValue(`must be a whole number from ${least.toString()} to ${most.toString()}`);
  };
}

function yesOrNo(text: string): boolean {
  if (text === "yes") return true;
  if (text === "no") return false;
  throw new UnfitValue('must be "yes" or "no"');
}

function filled(text: string): string {
  if (text.trim() !== "" && !text.includes("\0")) return text;
  throw new UnfitValue("must not be empty");
}

function level(text: string): LogLevel {
  if (text === "debug" || text === "info" || text === "warn" || text === "error") return text;
  throw new UnfitValue("must be debug, info, warn or error");
}

function listenAddress(text: string): string {
  if (isIP(text) !== 0 || /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i.test(text)) return text;
  throw new UnfitValue("must be an address or a host name");
}

function hostNames(text: string): string[] {
  return text.split(",").map((part) => {
    const name = part.trim().toLowerCase();
    if (/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(name)) return name;
    throw new UnfitValue("must be host names with commas between, without ports");
  });
}

function databaseAddress(text: string): string {
  if (/^postgres(ql)?:\/\//.test(text) && URL.canParse(text)) return text;
  throw new UnfitValue("must be an address that begins with postgres:// or postgresql://");
}

type Settings = { readonly [Name in keyof Configuration]: Setting<Configuration[Name]> };

/** Every setting, in the order of docs/reference/configuration.md, which a test compares with this table. */
export const settings: Settings = {
  dataFolder: {
    variable: "SWORN_DATA_FOLDER",
    fallback: ".sworn",
    read: filled,
    shown: "`.sworn` here",
    meaning: "The folder for everything the server keeps. Its label says whether it is real or a demo's.",
  },
  host: {
    variable: "SWORN_HOST",
    fallback: "127.0.0.1",
    read: listenAddress,
    shown: "`127.0.0.1`",
    meaning: "The address to listen on. Beyond the loopback, TLS or a proxy is needed.",
  },
  port: {
    variable: "SWORN_PORT",
    fallback: 8014,
    read: whole(0, 65_535),
    shown: "`8014`",
    meaning: "The port to listen on; 0 takes a free one.",
  },
  databaseUrl: {
    variable: "DATABASE_URL",
    fallback: null,
    read: databaseAddress,
    shown: "embedded",
    meaning: "A PostgreSQL (15 or newer) to use in place of the embedded one.",
  },
  databaseConnections: {
    variable: "SWORN_DATABASE_CONNECTIONS",
    fallback: 20,
    read: whole(2, 500),
    shown: "`20`",
    meaning: "Connections to the database at most, without those of the job queue.",
  },
  logLevel: {
    variable: "SWORN_LOG_LEVEL",
    fallback: "info",
    read: level,
    shown: "`info`",
    meaning: "`debug`, `info`, `warn` or `error`.",
  },
  publicHosts: {
    variable: "SWORN_PUBLIC_HOSTS",
    fallback: [],
    read: hostNames,
    shown: "none",
    meaning:
      "Host names, with commas between, that requests may be addressed to, besides `localhost` and addresses.",
  },
  tlsCertificateFile: {
    variable: "SWORN_TLS_CERTIFICATE",
    fallback: null,
    read: filled,
    shown: "none",
    meaning: "A PEM file with the server's certificate chain.",
  },
  tlsKeyFile: {
    variable: "SWORN_TLS_KEY",
    fallback: null,
    read: filled,
    shown: "none",
    meaning: "A PEM file with the key of that certificate.",
  },
  behindProxy: {
    variable: "SWORN_BEHIND_PROXY",
    fallback: false,
    read: yesOrNo,
    shown: "`no`",
    meaning: "`yes` when a proxy in front ends TLS. Staff endpoints refuse what a proxy forwards.",
  },
  bodyLimitBytes: {
    variable: "SWORN_BODY_LIMIT_BYTES",
    fallback: 1_048_576,
    read: whole(1024, 67_108_864),
    shown: "`1048576`",
    meaning: "The largest JSON body in bytes. Uploads have limits of their own.",
  },
  maximumConnections: {
    variable: "SWORN_MAXIMUM_CONNECTIONS",
    fallback: 2_000,
    read: whole(1, 100_000),
    shown: "`2000`",
    meaning: "HTTP connections at most; more are closed at once.",
  },
  missingAfterDays: {
    variable: "SWORN_MISSING_AFTER_DAYS",
    fallback: 3,
    read: whole(1, 365),
    shown: "`3`",
    meaning: "Days until a recording that a journal promised and that did not come is named in a finding.",
  },
  scrubBytesPerSecond: {
    variable: "SWORN_SCRUB_BYTES_PER_SECOND",
    fallback: 8_388_608,
    read: whole(0, 10_000_000_000),
    shown: "`8388608`",
    meaning: "How fast stored bytes are read again, without end, to find damage; 0 turns it off.",
  },
  secondStore: {
    variable: "SWORN_SECOND_STORE",
    fallback: null,
    read: filled,
    shown: "none",
    meaning: "A folder on another disk that gets a copy of every stored object, and mends what is damaged.",
  },
  secondKeys: {
    variable: "SWORN_SECOND_KEYS",
    fallback: null,
    read: filled,
    shown: "in the data folder",
    meaning: "A folder on another disk for the second place of the key ring.",
  },
  newForce: {
    variable: "SWORN_NEW_FORCE",
    fallback: false,
    read: yesOrNo,
    shown: "`no`",
    meaning: "`yes` prints a setup code for one more force at the start.",
  },
};

/** Whether an address or name reaches this machine only. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^(::ffff:)?127(\.\d{1,3}){3}$/.test(host);
}

function invalid(message: string, cause?: unknown): PlatformError {
  return new PlatformError("configuration-invalid", `${message} See docs/reference/configuration.md.`, cause);
}

function readOne<T>(setting: Setting<T>, environment: Readonly<Record<string, string | undefined>>): T {
  const text = environment[setting.variable];
  if (text === undefined) return setting.fallback;
  try {
    return setting.read(text);
  } catch (cause) {
    throw invalid(
      `${setting.variable} ${cause instanceof UnfitValue ? cause.message : "is not valid"}.`,
      cause,
    );
  }
}

function checkTogether(configuration: Configuration): Configuration {
  const { tlsCertificateFile, tlsKeyFile, host, behindProxy } = configuration;
  if ((tlsCertificateFile === null) !== (tlsKeyFile === null)) {
    throw invalid("SWORN_TLS_CERTIFICATE and SWORN_TLS_KEY belong together: set both or neither.");
  }
  if (!isLoopback(host) && tlsCertificateFile === null && !behindProxy) {
    throw invalid(
      `SWORN_HOST is ${host}, beyond this machine, and nothing encrypts the link. Set SWORN_TLS_CERTIFICATE and ` +
        "SWORN_TLS_KEY, or SWORN_BEHIND_PROXY=yes if a proxy in front ends TLS.",
    );
  }
  return configuration;
}

const absolute = (path: string | null): string | null => (path === null ? null : resolve(path));

/** Reads and checks the configuration; `flags` are of the command line and win. Throws `configuration-invalid`. */
export function readConfiguration(
  environment: Readonly<Record<string, string | undefined>>,
  flags: Partial<Configuration> = {},
): Configuration {
  const known = new Set<string>(Object.values(settings).map((setting) => setting.variable));
  const unknown = Object.keys(environment).filter((name) => name.startsWith("SWORN_") && !known.has(name));
  if (unknown.length > 0) {
    throw invalid(`Not a setting of this version: ${unknown.sort().join(", ")}. Correct or unset it.`);
  }
  const read = <Name extends keyof Configuration>(name: Name): Configuration[Name] =>
    flags[name] ?? readOne<Configuration[Name]>(settings[name], environment);
  return checkTogether({
    dataFolder: resolve(read("dataFolder")),
    host: read("host"),
    port: read("port"),
    databaseUrl: read("databaseUrl"),
    databaseConnections: read("databaseConnections"),
    logLevel: read("logLevel"),
    publicHosts: read("publicHosts"),
    tlsCertificateFile: read("tlsCertificateFile"),
    tlsKeyFile: read("tlsKeyFile"),
    behindProxy: read("behindProxy"),
    bodyLimitBytes: read("bodyLimitBytes"),
    maximumConnections: read("maximumConnections"),
    missingAfterDays: read("missingAfterDays"),
    scrubBytesPerSecond: read("scrubBytesPerSecond"),
    secondStore: absolute(read("secondStore")),
    secondKeys: absolute(read("secondKeys")),
    newForce: read("newForce"),
  });
}
