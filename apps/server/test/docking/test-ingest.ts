// A stand-in for ingest in tests of the dock: tus in memory behind the real signatures, receipts signed by the real
// service, and a link that can be cut at any byte.
import {
  encodeCbor,
  formatId,
  masterIdentity,
  parseId,
  decodeCbor,
  partFromRow,
  sha256,
  signReceipt,
  type PartRow,
} from "@sworn/custody";
import { sessionOf, type DockAccess, type DockingPorts } from "../../src/docking/index.ts";
import type { RegisterRoutes } from "../../src/http/app.ts";
import { Problem } from "../../src/http/problem.ts";
import { withForce } from "../../src/platform/database/database.ts";

interface TestUpload {
  readonly length: number;
  readonly camera: string;
  readonly number: number;
  readonly recording: string;
  bytes: Buffer;
}

export class TestIngest {
  readonly uploads = new Map<string, TestUpload>();
  /** PATCH requests in all. */
  patches = 0;
  /** The connection breaks each time this many more bytes have come; null: never. */
  cutEveryBytes: number | null = null;
  /** How often a receipt is answered with "later". */
  laterTimes = 0;
  quarantined = new Set<string>();

  routes(ports: DockingPorts, access: DockAccess): RegisterRoutes {
    return (app) => {
      app.addContentTypeParser("application/offset+octet-stream", (_request, payload, done) =>
        done(null, payload),
      );

      app.post("/v1/uploads", { onRequest: access("opened") }, (request, reply) => {
        const pairs = String(request.headers["upload-metadata"]).split(",");
        const metadata = Object.fromEntries(
          pairs.map((pair) => {
            const [name = "", value = ""] = pair.split(" ");
            return [name, Buffer.from(value, "base64").toString()];
          }),
        );
        const id = metadata["recording"] ?? "";
        const length = Number(request.headers["upload-length"]);
        const { camera = "", number = "" } = metadata;
        if (sessionOf(request).cameraId !== camera) throw new Problem("session-invalid", "Another camera's.");
        if (!this.uploads.has(id)) {
          const upload = { length, camera, number: Number(number), recording: id, bytes: Buffer.alloc(0) };
          this.uploads.set(id, upload);
        }
        return reply.code(201).header("location", `/v1/uploads/${id}`).send();
      });

      app.head("/v1/uploads/:id", { onRequest: access("opened") }, (request, reply) => {
        const upload = this.#find((request.params as { id: string }).id);
        return reply
          .header("upload-offset", upload.bytes.length)
          .header("upload-length", upload.length)
          .send();
      });

      app.patch("/v1/uploads/:id", { onRequest: access("opened") }, async (request, reply) => {
        this.patches += 1;
        const upload = this.#find((request.params as { id: string }).id);
        if (Number(request.headers["upload-offset"]) !== upload.bytes.length) {
          throw new Problem("conflict", "The offset is another.");
        }
        let sinceCut = 0;
        for await (const chunk of request.body as AsyncIterable<Buffer>) {
          upload.bytes = Buffer.concat([upload.bytes, chunk]);
          sinceCut += chunk.length;
          if (this.cutEveryBytes !== null && sinceCut >= this.cutEveryBytes) {
            request.raw.socket.destroy();
            return reply;
          }
        }
        if (upload.bytes.length === upload.length)
          await this.#collect(ports, sessionOf(request).cameraId, upload);
        return reply.code(204).header("upload-offset", upload.bytes.length).send();
      });

      app.get(
        "/v1/cameras/:camera/recordings/:number/receipt",
        { onRequest: access("opened") },
        async (request, reply) => {
          const { camera, number } = request.params as { camera: string; number: string };
          const upload = [...this.uploads.values()].find(
            (one) =>
              one.camera === camera && one.number === Number(number) && one.bytes.length === one.length,
          );
          if (!upload) throw new Problem("not-found", "No receipt.");
          if (this.quarantined.has(upload.recording))
            throw new Problem("conflict", "It does not match its journal.");
          if (this.laterTimes-- > 0) return reply.code(202).header("retry-after", "0").send();
          return reply.type("application/cose").send(await this.#receipt(ports, request.headers, upload));
        },
      );
    };
  }

  #find(id: string): TestUpload {
    const upload = this.uploads.get(id);
    if (!upload) throw new Problem("not-found", "No such upload.");
    return upload;
  }

  async #collect(ports: DockingPorts, camera: string, upload: TestUpload): Promise<void> {
    const row = await this.#row(ports, upload.recording);
    if (row.camera_id !== camera) throw new Problem("session-invalid", "Another camera's.");
    const actor = { forceId: row.force_id, personId: null };
    await withForce(ports.database, actor, (tx) =>
      tx
        .updateTable("recording")
        .set({ state: "collected", verdict: "verified", received_at: new Date(ports.clock.nowMs()) })
        .where("id", "=", row.id)
        .execute(),
    );
  }

  async #row(ports: DockingPorts, recording: string) {
    const forces = await ports.authorities.forces();
    for (const force of forces) {
      const actor = { forceId: formatId(force) as never, personId: null };
      const row = await withForce(ports.database, actor, (tx) =>
        tx
          .selectFrom("recording")
          .selectAll()
          .where("id", "=", recording as never)
          .executeTakeFirst(),
      );
      if (row) return row;
    }
    throw new Problem("not-found", "No such recording.");
  }

  async #receipt(ports: DockingPorts, _headers: unknown, upload: TestUpload): Promise<Buffer> {
    const row = await this.#row(ports, upload.recording);
    const authority = await ports.authorities.of(parseId(row.force_id));
    const parts = (decodeCbor(row.parts ?? new Uint8Array(), "The parts") as PartRow[]).map(partFromRow);
    const receipt = {
      force: parseId(row.force_id),
      camera: parseId(upload.camera),
      recording: parseId(upload.recording),
      number: upload.number,
      identity: await masterIdentity(parts),
      parts: parts.length,
      lengthBytes: row.length_bytes ?? 0,
      storedBytes: row.stored_bytes ?? 0,
      verdict: "verified" as const,
      receivedAtMs: ports.clock.nowMs(),
      manifest: await sha256(new Uint8Array(1)),
      entry: encodeCbor("test"),
      proof: "test",
    };
    return Buffer.from(await signReceipt(receipt, authority.service.signer));
  }
}
