// The command line as a process.
import { runCli } from "./run-cli.ts";
import { realWorld } from "./world.ts";

// Whoever reads us may stop reading, as head does: that is no fault of the command.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE" && error.code !== "EIO") throw error;
  });
}

process.exitCode = await runCli(process.argv.slice(2), realWorld());
