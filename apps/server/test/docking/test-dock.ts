// A dock in a test: it signs as a real one does, and can be told to sign wrongly.
import { formatId, newId } from "@sworn/custody";
import { fromBase64url, toBase64url, type DockEnrolment } from "@sworn/contract";
import { createHash } from "node:crypto";
import { readDockKey, signRequest, type DockKey, type SigningSession } from "@sworn/dock";
import { bodyOf, type Answer, type Founded, type ReachedServer } from "./docking-server.ts";

export interface SendOptions {
  readonly body?: Uint8Array | string;
  readonly contentType?: string;
  readonly session?: SigningSession;
  readonly headers?: Record<string, string>;
  /** Changes what is sent after it was signed. */
  readonly tamper?: (headers: Record<string, string>) => Record<string, string>;
  readonly sentTo?: string;
  readonly nowMs?: number;
}

export class TestDock {
  readonly id: string;
  readonly key: DockKey;
  readonly #server: ReachedServer;

  private constructor(server: ReachedServer, id: string, key: DockKey) {
    this.#server = server;
    this.id = id;
    this.key = key;
  }

  static async enrol(server: ReachedServer, force: Founded, name: string): Promise<TestDock> {
    const pair = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, [
      "sign",
      "verify",
    ]);
    const pkcs8 = new Uint8Array(await crypto.subtle.exportKey("pkcs8", pair.privateKey));
    const spki = toBase64url(new Uint8Array(await crypto.subtle.exportKey("spki", pair.publicKey)));
    const id = formatId(newId());
    const answer = await server.call("POST", "/v1/docks", { key: force.key, body: { id, name, spki } });
    if (answer.status !== 201) throw new Error(`enrolment answered ${JSON.stringify(answer.body)}`);
    const { enrolment } = answer.body as unknown as DockEnrolment;
    const certificate = fromBase64url(enrolment.certificate) ?? new Uint8Array();
    const hash = createHash("sha256").update(certificate).digest();
    return new TestDock(server, id, readDockKey(pkcs8, hash));
  }

  async signed(method: string, path: string, options: SendOptions = {}): Promise<Record<string, string>> {
    const { body, session } = options;
    const length = body === undefined ? 0 : Buffer.byteLength(body);
    const headers = {
      ...(body === undefined && method === "GET" ? {} : { "content-length": length.toString() }),
      ...(body === undefined ? {} : { "content-type": options.contentType ?? "application/json" }),
      ...options.headers,
    };
    const nowMs = options.nowMs ?? this.#server.clock.nowMs();
    return signRequest(
      this.key,
      { method, url: this.#server.url + path, headers },
      { nowMs, ...(session ? { session } : {}) },
    );
  }

  async send(method: string, path: string, options: SendOptions = {}): Promise<Answer> {
    const signed = await this.signed(method, path, options);
    return this.sendWith(method, options.sentTo ?? path, options.tamper?.(signed) ?? signed, options.body);
  }

  async sendWith(
    method: string,
    path: string,
    headers: Record<string, string>,
    body?: Uint8Array | string,
  ): Promise<Answer> {
    const answer = await fetch(this.#server.url + path, {
      method,
      headers: Object.fromEntries(Object.entries(headers).filter(([name]) => name !== "content-length")),
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : new Uint8Array(body) }),
    });
    return { status: answer.status, headers: answer.headers, body: await bodyOf(answer) };
  }

  async openSession(camera: string, head?: unknown): Promise<Answer> {
    const body = JSON.stringify({ camera, ...(head === undefined ? {} : { head }) });
    return this.send("POST", "/v1/docking-sessions", { body });
  }

  sendJournal(camera: string, from: number, bytes: Uint8Array, session: SigningSession): Promise<Answer> {
    const path = `/v1/cameras/${camera}/journal?from=${from.toString()}`;
    return this.send("POST", path, { body: bytes, contentType: "application/cbor-seq", session });
  }
}
