// Uploads to the peer from a process of its own.
import { randomFillSync } from "node:crypto";
import { answerCalls } from "../harness/child.ts";
import { Connection, expectStatus, inWrites } from "./send-bytes.ts";
import { ciphertextLengthFor } from "@sworn/vault";
import type { UploadLoad } from "./upload-load.ts";

const TUS = { "tus-resumable": "1.0.0" };
let media = Buffer.alloc(0);

/** As long as the ciphertext of such a recording. */
function mediaBytesOf({ fragments, fragmentBytes }: UploadLoad): number {
  return fragments * ciphertextLengthFor(fragmentBytes);
}

async function uploadOne(load: UploadLoad, url: string): Promise<string> {
  const connection = await Connection.open(url);
  const created = await connection.request("POST", "/files", {
    ...TUS,
    "content-length": "0",
    "upload-length": media.byteLength.toString(),
  });
  const path = new URL(expectStatus(created, 201).headers.get("location") ?? "", url).pathname;
  for (let offset = 0; offset < media.byteLength; offset += load.requestBytes) {
    const body = media.subarray(offset, Math.min(media.byteLength, offset + load.requestBytes));
    const headers = {
      ...TUS,
      "content-type": "application/offset+octet-stream",
      "content-length": body.byteLength.toString(),
      "upload-offset": offset.toString(),
    };
    expectStatus(await connection.request("PATCH", path, headers, inWrites(body)), 204);
  }
  connection.close();
  return path.split("/").at(-1) ?? "";
}

answerCalls({
  upload: async (given) => {
    const { url, ...load } = given as UploadLoad & { url: string };
    if (media.byteLength !== mediaBytesOf(load)) media = randomFillSync(Buffer.alloc(mediaBytesOf(load)));
    const startedAtMs = performance.now();
    const ids = await Promise.all(Array.from({ length: load.uploads }, () => uploadOne(load, url)));
    const wallSeconds = (performance.now() - startedAtMs) / 1_000;
    return { ids, bytes: load.uploads * media.byteLength, wallSeconds };
  },
  close: () => Promise.resolve(),
});
