// Resumable upload against a server that breaks, lies and forgets.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Api, uploadResumably, type UploadOptions } from "../src/index.ts";

type Handler = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

let server: Server;
let api: Api;
let handler: Handler;
/** What the tus double holds. */
let kept: Buffer;
let length: number;
let made: number;

beforeEach(async () => {
  kept = Buffer.alloc(0);
  length = 0;
  made = 0;
  handler = tus();
  server = createServer((request, response) => {
    void Promise.resolve(handler(request, response)).catch(() => request.socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  api = new Api({ server: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

async function readAll(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** A tus server; `take` says how many of the bytes that came are kept before the link breaks (null: all, and it holds). */
function tus(take: (came: number) => number | null = () => null): Handler {
  return async (request, response) => {
    if (request.headers["tus-resumable"] !== "1.0.0") throw new Error("no version");
    if (request.method === "POST") {
      made += 1;
      length = Number(request.headers["upload-length"]);
      response.writeHead(201, { location: "/v1/uploads/1" }).end();
    } else if (request.method === "HEAD") {
      response.writeHead(200, { "upload-offset": String(kept.length) }).end();
    } else {
      const offset = Number(request.headers["upload-offset"]);
      const body = await readAll(request);
      if (offset !== kept.length) {
        response.writeHead(409, { "content-type": "application/problem+json" }).end(problem("conflict", 409));
        return;
      }
      const keep = take(body.length);
      kept = Buffer.concat([kept, body.subarray(0, keep ?? body.length)]);
      if (keep === null) response.writeHead(204, { "upload-offset": String(kept.length) }).end();
      else request.socket.destroy();
    }
  };
}

function problem(code: string, status: number): string {
  return JSON.stringify({
    type: `urn:sworn:problem:${code}`,
    title: "t",
    status,
    code,
    detail: "d",
    requestId: "r",
  });
}

const source = Buffer.from(Array.from({ length: 10_000 }, (_, index) => index % 251));
function options(change: Partial<UploadOptions> = {}): UploadOptions {
  return {
    path: "/v1/uploads",
    lengthBytes: source.length,
    metadata: { recording: "é" },
    read: async function* (offset, lengthBytes) {
      for (let at = offset; at < offset + lengthBytes; at += 700) {
        yield source.subarray(at, Math.min(at + 700, offset + lengthBytes));
      }
    },
    wait: async () => undefined,
    ...change,
  };
}

describe("a resumable upload", () => {
  it("arrives whole in requests of the size given, and tells how far it is", async () => {
    const sent: number[] = [];
    const { location } = await uploadResumably(
      api,
      options({ requestBytes: 3_000, onProgress: (bytes) => sent.push(bytes) }),
    );
    expect(location).toBe(`${api.server}/v1/uploads/1`);
    expect(kept.equals(source)).toBe(true);
    expect(sent.at(-1)).toBe(source.length);
    expect(length).toBe(source.length);
  });

  it("arrives whole wherever the link breaks, whatever was kept", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(4_000), { maxLength: 6 }), async (breaks) => {
        kept = Buffer.alloc(0);
        const left = [...breaks];
        handler = tus((came) => {
          const keep = left.shift();
          return keep === undefined ? null : Math.min(keep, came);
        });
        await uploadResumably(api, options({ requestBytes: 4_096 }));
        expect(kept.equals(source)).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  it("goes on from where it lies, and makes another where the server forgot it", async () => {
    kept = source.subarray(0, 4_000);
    await uploadResumably(api, options({ location: "/v1/uploads/1" }));
    expect([kept.equals(source), made]).toEqual([true, 0]);
    const well = tus();
    kept = Buffer.alloc(0);
    let forgotten = 1;
    handler = (request, response) => {
      if (request.method === "HEAD" && forgotten-- > 0) return void response.writeHead(404).end();
      return well(request, response);
    };
    await uploadResumably(api, options({ location: "/v1/uploads/1" }));
    expect([kept.equals(source), made]).toEqual([true, 1]);
  });

  it("does nothing more when all is there", async () => {
    kept = Buffer.from(source);
    let patches = 0;
    const well = tus();
    handler = (request, response) => {
      if (request.method === "PATCH") patches += 1;
      return well(request, response);
    };
    await uploadResumably(api, options());
    expect(patches).toBe(0);
  });

  it("waits as long as it is told to, and gives up after attempts without progress", async () => {
    const waits: number[] = [];
    handler = (_request, response) => {
      response
        .writeHead(503, { "content-type": "application/problem+json", "retry-after": "7" })
        .end(problem("busy", 503));
    };
    const wait = async (ms: number) => void waits.push(ms);
    await expect(uploadResumably(api, options({ wait, attempts: 4 }))).rejects.toMatchObject({
      code: "upload-stalled",
      cause: { code: "busy" },
    });
    expect(waits).toEqual([7_000, 7_000, 7_000]);
    handler = (request) => void request.socket.destroy();
    waits.length = 0;
    await expect(uploadResumably(api, options({ wait, attempts: 4 }))).rejects.toMatchObject({
      code: "upload-stalled",
    });
    for (const [index, ms] of waits.entries()) expect(ms).toBeLessThanOrEqual(250 * 2 ** index);
  });

  it("takes the server's last word at once", async () => {
    for (const [code, status] of [
      ["device-refused", 403],
      ["conflict", 409],
      ["body-too-large", 413],
    ] as const) {
      handler = (_request, response) => {
        response.writeHead(status, { "content-type": "application/problem+json" }).end(problem(code, status));
      };
      await expect(uploadResumably(api, options())).rejects.toMatchObject({ code, status });
    }
  });

  it("sends nothing elsewhere, and believes no impossible offset", async () => {
    const well = tus();
    for (const location of ["http://example.invalid/1", "//example.invalid/1", "https://127.0.0.1/1"]) {
      handler = (_request, response) => void response.writeHead(201, { location }).end();
      await expect(uploadResumably(api, options())).rejects.toMatchObject({ code: "answer-unexpected" });
    }
    for (const offset of ["10001", "-1", "1e3", "", "0x10"]) {
      handler = (request, response) => {
        if (request.method === "HEAD") return void response.writeHead(200, { "upload-offset": offset }).end();
        return well(request, response);
      };
      await expect(uploadResumably(api, options())).rejects.toMatchObject({ code: "answer-unexpected" });
    }
  });

  it("is given up on a signal", async () => {
    const stop = new AbortController();
    handler = (request) => void request.socket.destroy();
    const wait = async () => stop.abort();
    const given = uploadResumably(api, options({ signal: stop.signal, wait }));
    await expect(given).rejects.toMatchObject({ code: "aborted" });
  });
});

describe("a call", () => {
  it("gives the server's problem with its code, and says when an answer is none of a Sworn server", async () => {
    handler = (_request, response) => {
      response.writeHead(404, { "content-type": "application/problem+json" }).end(problem("not-found", 404));
    };
    await expect(api.call("GET", "/x")).rejects.toMatchObject({
      code: "not-found",
      status: 404,
      message: "d",
    });
    for (const body of ["<html>", "", '{"code":"not-found"}', problem("made-up", 404), "null"]) {
      handler = (_request, response) => {
        response.writeHead(404, { "content-type": "application/problem+json" }).end(body);
      };
      await expect(api.call("GET", "/x")).rejects.toMatchObject({ code: "answer-unexpected" });
    }
    handler = (_request, response) => void response.writeHead(200).end("not json");
    await expect(api.call("GET", "/x")).rejects.toMatchObject({ code: "answer-unexpected" });
  });

  it("downloads chunk by chunk", async () => {
    handler = (_request, response) => void response.writeHead(200).end(source);
    const chunks: Uint8Array[] = [];
    for await (const chunk of api.download("/x")) chunks.push(chunk);
    expect(Buffer.concat(chunks).equals(source)).toBe(true);
    handler = (_request, response) => {
      response.writeHead(410, { "content-type": "application/problem+json" }).end(problem("gone", 410));
    };
    await expect(api.download("/x").next()).rejects.toMatchObject({ code: "gone" });
  });
});
