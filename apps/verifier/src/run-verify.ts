// `verify` as a command: reads the anchors, verifies, prints the report. Both `sworn verify` and `sworn-verify` are this.
import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { CustodyError, decodePem } from "@sworn/custody";
import { VerifierError } from "./errors.ts";
import type { Progress } from "./hash-parts.ts";
import { renderJson } from "./render-json.ts";
import { renderText } from "./render-text.ts";
import { showBytes } from "./show.ts";
import { verifyExport } from "./verify-export.ts";

/** Where a command writes. A stream of Node fits. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

export interface RunVerifyOptions {
  readonly path: string;
  /** PEM file; without one nothing can be *intact*. */
  readonly anchorsFile?: string;
  /** As given: an ISO 8601 date or moment. */
  readonly at?: string;
  readonly json?: boolean;
  /** Who speaks, before each error: `sworn`. */
  readonly speaker?: string;
  readonly stdout: Output;
  readonly stderr: Output;
  /** Colour even where there is no terminal, or none although there is one. */
  readonly colour?: boolean;
}

/** 0: intact. 1: any other verdict. 2: wrong usage. 3: could not run. */
export type VerifyExitCode = 0 | 1 | 2 | 3;

const ANCHORS_MAXIMUM_BYTES = 1024 * 1024;
const COLUMNS_MAXIMUM = 100;

/** Never throws for what it is given; a fault of the program itself is thrown. */
export async function runVerify(options: RunVerifyOptions): Promise<VerifyExitCode> {
  const { stdout, stderr } = options;
  const atMs = options.at === undefined ? undefined : parseMoment(options.at);
  if (atMs === null) {
    const message = `“${options.at ?? ""}” is no time. Give --at like 2026-11-23 or 2026-11-23T19:48:00Z.`;
    return tellError(options, 2, { code: "wrong-usage", message });
  }
  try {
    const anchors = options.anchorsFile === undefined ? [] : await readAnchorsFile(options.anchorsFile);
    const showProgress = stderr.isTTY === true && options.json !== true;
    const report = await verifyExport(options.path, {
      anchors,
      ...(atMs === undefined ? {} : { atMs }),
      ...(showProgress ? { onProgress: progressLine(stderr) } : {}),
    });
    if (showProgress) stderr.write("\r\u001b[K");
    const columns = Math.min(stdout.columns ?? 80, COLUMNS_MAXIMUM);
    const colour = options.colour ?? stdout.isTTY === true;
    stdout.write(options.json ? renderJson(report) : renderText(report, { columns, colour }));
    return report.overall === "intact" ? 0 : 1;
  } catch (error) {
    if (!(error instanceof VerifierError)) throw error;
    return tellError(options, 3, error);
  }
}

/** In words, and for machines as every command of `sworn` does it: one JSON value, `{"error": {code, message}}`. */
function tellError(
  { stdout, stderr, json, speaker }: RunVerifyOptions,
  exitCode: 2 | 3,
  { code, message }: { readonly code: string; readonly message: string },
): 2 | 3 {
  stderr.write(`${speaker === undefined ? "" : `${speaker}: `}${message}\n`);
  if (json === true) stdout.write(`${JSON.stringify({ error: { code, message } })}\n`);
  return exitCode;
}

/** Milliseconds since 1970, or null. A date alone is its first moment, UTC. */
export function parseMoment(text: string): number | null {
  const iso = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2}))?$/;
  if (!iso.test(text)) return null;
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) return null;
  // The platform rolls 31 February over into March: what is given must be what is meant.
  const day = new Date(`${text.slice(0, 10)}T00:00:00Z`);
  return day.toISOString().startsWith(text.slice(0, 10)) ? ms : null;
}

/** DER of every certificate in the file. @throws VerifierError */
export async function readAnchorsFile(path: string): Promise<Uint8Array[]> {
  let bytes: Uint8Array;
  try {
    const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const status = await handle.stat();
      if (!status.isFile() || status.size > ANCHORS_MAXIMUM_BYTES) {
        throw new VerifierError(
          "anchors-unusable",
          `“${path}” is not a file of anchors (PEM, at most 1 MiB).`,
        );
      }
      bytes = await handle.readFile();
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (error instanceof VerifierError) throw error;
    const message = `The anchors file “${path}” could not be read. Check the path given with --anchors.`;
    throw new VerifierError("anchors-unusable", message, { cause: error });
  }
  const advice = `It must hold certificates in PEM, each beginning with -----BEGIN CERTIFICATE-----.`;
  try {
    const anchors = decodePem("CERTIFICATE", new TextDecoder().decode(bytes));
    if (anchors.length > 0) return anchors;
  } catch (error) {
    if (!(error instanceof CustodyError)) throw error;
    throw new VerifierError("anchors-unusable", `“${path}”: ${error.message} ${advice}`, { cause: error });
  }
  throw new VerifierError("anchors-unusable", `“${path}” holds no anchor. ${advice}`);
}

const PROGRESS_EVERY_MS = 100;

function progressLine(stderr: Output): (progress: Progress) => void {
  let shownAtMs = 0;
  return ({ doneBytes, totalBytes }) => {
    const nowMs = performance.now();
    if (nowMs - shownAtMs < PROGRESS_EVERY_MS || totalBytes === 0) return;
    shownAtMs = nowMs;
    const percent = Math.floor((100 * doneBytes) / totalBytes);
    stderr.write(`\r  Checking ${percent}% of ${showBytes(totalBytes)}`);
  };
}
