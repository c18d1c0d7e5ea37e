// The contestant: the whole server, with a recording in its store, asked as a browser asks: by the address of a play,
// with its cookie. Its CPU time includes the database's.
import { createHash } from "node:crypto";
import { join } from "node:path";
import { Api, peopleCalls } from "@sworn/client";
import type { ForceId } from "@sworn/contract";
import { readConfiguration, silentLog, startServer, systemClock } from "@sworn/server";
import { openVault } from "../../apps/server/src/open-vault.ts";
import { openPlatform } from "../../apps/server/src/platform/open-platform.ts";
import { BenchError, type ContestantGiven, type Running } from "../harness/bench.ts";
import { postmasterOf } from "../ingest/sworn-server.ts";
import { fragmentsOf, serveRanges } from "./serve-ranges.ts";
import { storeRecording } from "./stored-recording.ts";

export async function open(given: ContestantGiven): Promise<Running> {
  const dataFolder = join(given.folder, "data");
  const configuration = readConfiguration({}, { port: 0, dataFolder });
  const options = { clock: systemClock, log: silentLog, purpose: "test" } as const;
  const founding = await startServer(configuration, options);
  const made = await peopleCalls(new Api({ server: founding.url })).setUp({
    code: founding.firstSetupCode ?? "",
    force: { name: "Bench", slug: "bench" },
    person: { name: "A. Bench" },
  });
  await founding.stop();

  const platform = await openPlatform(configuration, options);
  const vault = await openVault(platform.dataFolder, { clock: systemClock });
  const forceId: ForceId = made.force.id;
  const recording = await storeRecording({ platform, vault, forceId }, fragmentsOf(given));
  await platform.close();

  const server = await startServer(configuration, options);
  const begun = await fetch(`${server.url}/v1/recordings/${recording.id}/plays`, {
    method: "POST",
    headers: { authorization: `Bearer ${made.apiKey.secret}`, "content-type": "application/json" },
    body: JSON.stringify({ reason: "Measuring" }),
  });
  const play = (await begun.json()) as { readonly url: string; readonly media: string };
  const opened = await fetch(server.url + play.url, { redirect: "manual" });
  const cookie = (opened.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
  // Speed counts only where the bytes are right.
  const whole = await fetch(server.url + play.media, { headers: { cookie } });
  const got = createHash("sha256")
    .update(Buffer.from(await whole.arrayBuffer()))
    .digest("hex");
  if (got !== recording.sha256)
    throw new BenchError("contestant-failed", "the bytes are not the recording's");
  const { port } = new URL(server.url);
  return serveRanges(
    given,
    { port: Number(port), path: play.media, headers: [`Cookie: ${cookie}`], sizeBytes: recording.sizeBytes },
    {
      processes: [await postmasterOf(dataFolder)],
      close: () => server.discard(),
    },
  );
}
