// The upload server that many would pick, with its file store: takes one upload over HTTP and tells when it has acknowledged
// all of it. Only to show what a power cut does to a store that never syncs. Arguments: folder, name, bytes.
import { FileStore } from "@tus/file-store";
import { Server } from "@tus/server";
import { mkdirSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tell } from "../faults/told-lines.ts";
import { bytesOf } from "./vault-acts.ts";

const [folder = "", name = "", lengthBytes = ""] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
const server = new Server({
  path: "/files",
  datastore: new FileStore({ directory: folder }),
  namingFunction: () => name,
});
const http = server.listen({ host: "127.0.0.1", port: 0 });
await new Promise((resolve) => http.once("listening", resolve));
const url = `http://127.0.0.1:${(http.address() as AddressInfo).port.toString()}/files`;
const version = { "tus-resumable": "1.0.0" };
await fetch(url, { method: "POST", headers: { ...version, "upload-length": lengthBytes } });
const sent = await fetch(`${url}/${name}`, {
  method: "PATCH",
  headers: { ...version, "upload-offset": "0", "content-type": "application/offset+octet-stream" },
  body: new Uint8Array(bytesOf(name, Number(lengthBytes))),
});
if (sent.status === 204 && sent.headers.get("upload-offset") === lengthBytes) tell("acknowledged", name);
await new Promise((resolve) => setTimeout(resolve, 600_000));
