// The command line of the verifier alone, so that it can be handed to somebody without the rest.
import { parseArgs } from "node:util";
import { runVerify } from "./run-verify.ts";

const HELP = `sworn-verify PATH --anchors FILE [--at TIME] [--json]

Checks an exported recording without a network and says what came of each check.

  PATH            the exported folder of one recording
  --anchors FILE  the anchors you trust, PEM; not the one inside the export
  --at TIME       judge certificates as of this time (2026-11-23, or with
                  T19:48:00Z); else as of the recording's receipt
  --json          the report for machines

Exit code: 0 intact, 1 any other verdict, 2 wrong usage, 3 could not run.

Example: sworn-verify 0d9f…c1 --anchors anchors.pem
`;

function readArguments(argv: readonly string[]) {
  const options = {
    anchors: { type: "string" },
    at: { type: "string" },
    json: { type: "boolean" },
    help: { type: "boolean", short: "h" },
  } as const;
  try {
    const { values, positionals } = parseArgs({ args: [...argv], options, allowPositionals: true });
    return { kind: "ok", values, positionals } as const;
  } catch (error) {
    return {
      kind: "wrong",
      message: error instanceof Error ? error.message : "The arguments are wrong.",
    } as const;
  }
}

async function main(argv: readonly string[]): Promise<number> {
  const read = readArguments(argv);
  if (read.kind === "ok" && read.values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const [path, second] = read.kind === "ok" ? read.positionals : [];
  if (read.kind === "wrong" || path === undefined || second !== undefined) {
    const problem = read.kind === "wrong" ? read.message : "Give one folder: the export of one recording.";
    process.stderr.write(`${problem}\n\n${HELP}`);
    return 2;
  }
  const { anchors, at, json } = read.values;
  return runVerify({
    path,
    ...(anchors === undefined ? {} : { anchorsFile: anchors }),
    ...(at === undefined ? {} : { at }),
    ...(json === undefined ? {} : { json }),
    ...(process.env["NO_COLOR"] ? { colour: false } : {}),
    stdout: process.stdout,
    stderr: process.stderr,
  });
}

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`The verifier itself failed: ${message}\nThis is no verdict. Please report it.\n`);
  return 3;
});
