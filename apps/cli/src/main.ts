// The command line as a process.
import { runCli } from "./run-cli.ts";
import { realWorld } from "./world.ts";

process.exitCode = await runCli(process.argv.slice(2), realWorld());
