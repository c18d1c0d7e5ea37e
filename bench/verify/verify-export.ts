// The contestant: the command as an expert runs it, on a whole export with journal, receipt, proof and certificates.
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { encodePem } from "@sworn/custody";
import { buildExport } from "../../apps/verifier/test/build-export.ts";
import { newForce } from "../../apps/verifier/test/force-fixture.ts";
import type { ContestantGiven, Running } from "../harness/bench.ts";
import { fragmentBytes, fragmentsOf, runProgram } from "./run-program.ts";

const command = fileURLToPath(new URL("../../apps/cli/src/main.ts", import.meta.url));

export async function open(given: ContestantGiven): Promise<Running> {
  const force = await newForce();
  const folder = join(given.folder, "export");
  const built = await buildExport(force, { fragments: fragmentsOf(given), fragmentBytes });
  for (const [name, content] of built.files) {
    const path = join(folder, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
  }
  const anchors = join(given.folder, "anchors.pem");
  await writeFile(anchors, encodePem("CERTIFICATE", force.anchor));
  const bytes = built.files.get("recording.mp4")?.length ?? 0;
  return {
    async round() {
      const node = ["--disable-warning=ExperimentalWarning", command];
      await runProgram(process.execPath, [...node, "verify", folder, "--anchors", anchors]);
      return { bytes };
    },
    close: () => Promise.resolve(),
  };
}
