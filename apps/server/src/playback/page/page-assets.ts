// The page's own files, read once: nothing comes from another host, and no path from a request reaches the disk.
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

export interface PageAsset {
  readonly mediaType: string;
  readonly bytes: Buffer;
  readonly etag: string;
}

const beside = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** By name below `/play/assets/`. */
export async function readPageAssets(): Promise<ReadonlyMap<string, PageAsset>> {
  const library = createRequire(import.meta.url).resolve("hls.js/dist/hls.light.min.js");
  const javaScript = "text/javascript; charset=utf-8";
  const files: [string, string, string][] = [
    ["play.css", beside("play.css"), "text/css; charset=utf-8"],
    ["play.js", beside("play.js"), javaScript],
    ["hls.js", library, javaScript],
  ];
  const assets = files.map(async ([name, path, mediaType]): Promise<[string, PageAsset]> => {
    const bytes = await readFile(path);
    const etag = `"${createHash("sha256").update(bytes).digest("base64url").slice(0, 22)}"`;
    return [name, { mediaType, bytes, etag }];
  });
  return new Map(await Promise.all(assets));
}
