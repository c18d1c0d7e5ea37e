// The server as a process of its own: reads the environment, serves until told to stop. `sworn serve` does the same.
import { serve } from "./serve.ts";

try {
  await serve({ environment: process.env });
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 3;
}
