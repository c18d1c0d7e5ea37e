// A police station under test: one server, one camera, one dock, each a process that may be killed; and what was
// acknowledged, kept outside of all three.
import { type ServerProcess, commandLine, startServerProcess } from "../command-line.ts";
import { createCamera, installCertificate } from "@sworn/camera";
import { Api, type StaffClient, peopleCalls, staffClient } from "@sworn/client";
import { type CameraId, type Enrolment, fromBase64url, toBase64url } from "@sworn/contract";
import { enrolDock } from "@sworn/dock";
import { randomUUID } from "node:crypto";
import { access } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Acknowledgements } from "./acknowledgements.ts";
import { type Telling, startTelling } from "./told-lines.ts";
import { LedgerWatch } from "./watch-ledger.ts";

const program = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

export interface StationFolders {
  /** The server's data folder, absolute. */
  readonly data: string;
  readonly camera: string;
  readonly dock: string;
}

/** A program, with its arguments, that a process is started by, such as `fiu-run`. */
type Through = readonly string[];

function papersOf(enrolment: Enrolment) {
  const bytes = (text: string): Uint8Array => fromBase64url(text) ?? new Uint8Array();
  return {
    ...{ certificate: bytes(enrolment.certificate), anchor: bytes(enrolment.anchor) },
    ...{ service: bytes(enrolment.service), ingestKey: bytes(enrolment.ingestKey) },
  };
}

export class Station {
  readonly folders: StationFolders;
  readonly forceId: string;
  readonly acknowledged = new Acknowledgements();
  readonly ledger = new LedgerWatch();
  readonly #apiKey: string;
  #server: ServerProcess;
  #running = true;

  private constructor(
    folders: StationFolders,
    server: ServerProcess,
    founded: { force: string; apiKey: string },
  ) {
    this.folders = folders;
    this.#server = server;
    this.forceId = founded.force;
    this.#apiKey = founded.apiKey;
    // An interrupted run leaves no server behind.
    process.once("exit", () => this.#server.child.kill("SIGKILL"));
  }

  /** Starts a server on an empty data folder, founds a force in it and enrols camera and dock. */
  static async found(folders: StationFolders, through: Through = []): Promise<Station> {
    const server = await serve(folders.data, "0", through);
    try {
      const made = await peopleCalls(new Api({ server: server.url })).setUp({
        code: server.setupCode ?? "",
        force: { name: "Faults", slug: "faults" },
        person: { name: "A. Tester" },
      });
      // Where its account cannot reach the data folder the database would lie elsewhere, and its disk never fail.
      await access(join(folders.data, "postgres", "cluster", "PG_VERSION"));
      const apiKey = made.apiKey.secret;
      const station = new Station(folders, server, { force: made.force.id, apiKey });
      const { spki } = await createCamera(folders.camera);
      const { enrolment } = await station.staff.enrolCamera({
        ...{ id: randomUUID() as CameraId, name: "FLT-0001", model: "Sworn headless camera" },
        spki: toBase64url(spki),
      });
      await installCertificate(folders.camera, papersOf(enrolment), { model: "Sworn headless camera" });
      await enrolDock({ folder: folders.dock, server: server.url, apiKey, name: "Dock under test" });
      return station;
    } catch (cause) {
      await server.kill();
      throw cause;
    }
  }

  get staff(): StaffClient {
    return staffClient({ server: this.#server.url, apiKey: this.#apiKey });
  }

  get url(): string {
    return this.#server.url;
  }

  get serverProcessId(): number {
    return this.#server.child.pid ?? 0;
  }

  /** kill -9. */
  async killServer(): Promise<void> {
    if (!this.#running) return;
    this.#running = false;
    await this.#server.kill();
  }

  /** Ctrl-C. */
  async stopServer(): Promise<void> {
    if (!this.#running) return;
    this.#running = false;
    await this.#server.stop();
  }

  /** Starts the server again, on the same port. Rejects when it does not start. */
  async startServer(through: Through = []): Promise<void> {
    this.#server = await serve(this.folders.data, new URL(this.#server.url).port, through);
    this.#running = true;
  }

  /** Films in a process of its own; `size` names the film. */
  startCamera(size: number, durationMs: number, through: Through = []): Telling {
    const words = [this.folders.camera, size.toString(), durationMs.toString()];
    return startTelling(program("camera-process.ts"), words, { through });
  }

  startDock(): Telling {
    const { camera, dock } = this.folders;
    return startTelling(program("dock-process.ts"), [camera, dock, this.#server.url]);
  }

  /** Takes down what a process told, once it has ended. @throws BrokenPromise */
  hear(telling: Telling): void {
    for (const { word, rest } of telling.lines) this.acknowledged.hear(word, rest);
  }
}

async function serve(data: string, port: string, through: Through): Promise<ServerProcess> {
  const command = commandLine({}, through);
  return startServerProcess(command, "--data", data, "--port", port, "--log-level", "error");
}
