// Uploads to the peer from a process of its own.
import { randomFillSync } from "node:crypto";
import { answerCalls } from "../harness/child.ts";
import { Connection, expectStatus, inWrites } from "./send-bytes.ts";
import type { UploadLoad } from "./upload-load.ts";

const TUS = { "tus-resumable": "1.0.0" };
let media = Buffer.alloc(0);

async function uploadOne(load: UploadLoad, url: string): Promise<string> {
  const connection = await Connection.open(url);
  const created = await connection.request("POST", "/files", {
    ...TUS,
    "content-length": "0",
    "upload-length": load.uploadBytes.toString(),
  });
  const path = new URL(expectStatus(created, 201).headers.get("location") ?? "", url).pathname;
  for (let offset = 0; offset < load.uploadBytes; offset += load.requestBytes) {
    const body = media.subarray(offset, Math.min(load.uploadBytes, offset + load.requestBytes));
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
    if (media.byteLength !== load.uploadBytes) media = randomFillSync(Buffer.alloc(load.uploadBytes));
    return Promise.all(Array.from({ length: load.uploads }, () => uploadOne(load, url)));
  },
  close: () => Promise.resolve(),
});
