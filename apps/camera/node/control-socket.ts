// How another process speaks to a running camera: a unix socket in its folder, one JSON object a line.
// Who may enter the folder may speak; a line is bounded and checked, and an answer always comes.
import { rm } from "node:fs/promises";
import { type Server, type Socket, createConnection, createServer } from "node:net";
import { type FileHandle, open } from "node:fs/promises";
import { basename, dirname } from "node:path";
import * as v from "valibot";
import { CameraError, systemCode } from "./camera-error.ts";
import { type CameraOrder, type CameraStatus, describeRefusal, orderShape } from "./camera-order.ts";
import type { HeadlessCamera } from "./headless-camera.ts";
import { folderLayout } from "./store/folder-layout.ts";

const LINE_MAXIMUM_BYTES = 16 * 1024;
const ANSWER_WAIT_MS = 15_000;
/** sun_path of unix(7), less its final zero. */
const PATH_MAXIMUM_BYTES = 107;

const requestShape = v.variant("kind", [
  ...orderShape.options,
  v.strictObject({ kind: v.literal("status") }),
]);
export type ControlRequest = CameraOrder | { readonly kind: "status" };

const refusedShape = v.object({ kind: v.literal("refused"), why: v.string(), message: v.string() });
const answerShape = v.variant("kind", [
  v.object({ kind: v.literal("done"), status: v.record(v.string(), v.unknown()) }),
  refusedShape,
  v.object({ kind: v.literal("error"), message: v.string() }),
]);

/** `status` is as it stands after the order. */
export type ControlAnswer =
  | { readonly kind: "done"; readonly status: CameraStatus }
  | { readonly kind: "refused"; readonly why: string; readonly message: string }
  | { readonly kind: "error"; readonly message: string };

export interface ControlSocket {
  close(): Promise<void>;
}

/** Listens for orders to `camera` in its `folder`, which it owns by its lock. */
export async function listenForOrders(folder: string, camera: HeadlessCamera): Promise<ControlSocket> {
  const { control } = folderLayout(folder);
  // Whoever holds the folder's lock is alone: a socket that is there was left behind.
  await rm(control, { force: true });
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket)).on("error", () => undefined);
    serve(socket, camera);
  });
  const short = await shortPath(control);
  const old = process.umask(0o177);
  try {
    await listening(server, short.path);
  } finally {
    process.umask(old);
    await short.folder?.close();
  }
  return {
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => {
        server.close(() => {
          resolve();
        });
      });
      await rm(control, { force: true });
    },
  };
}

async function listening(server: Server, path: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, resolve);
  });
}

/** A path that fits into a socket address: through the open folder where it is too long itself (proc(5)). */
async function shortPath(
  path: string,
): Promise<{ readonly path: string; readonly folder: FileHandle | null }> {
  if (Buffer.byteLength(path) <= PATH_MAXIMUM_BYTES) return { path, folder: null };
  const folder = await open(dirname(path), "r");
  return { path: `/proc/self/fd/${String(folder.fd)}/${basename(path)}`, folder };
}

function serve(socket: Socket, camera: HeadlessCamera): void {
  let text = "";
  let turn: Promise<void> = Promise.resolve();
  socket.setEncoding("utf8");
  socket.on("data", (chunk: string) => {
    text += chunk;
    const lines = text.split("\n");
    text = lines.pop() ?? "";
    if (text.length > LINE_MAXIMUM_BYTES) socket.destroy();
    for (const line of lines) {
      turn = turn.then(async () => {
        const answer = await answerTo(line, camera);
        if (!socket.destroyed) socket.write(`${JSON.stringify(answer)}\n`);
      });
    }
  });
}

async function answerTo(line: string, camera: HeadlessCamera): Promise<ControlAnswer> {
  const request = readJson(line.slice(0, LINE_MAXIMUM_BYTES), requestShape);
  if (!request) return { kind: "error", message: "That is no order that a camera knows." };
  try {
    const outcome = request.kind === "status" ? ({ kind: "done" } as const) : await camera.order(request);
    if (outcome.kind === "done") return { kind: "done", status: await camera.status() };
    return { kind: "refused", why: outcome.why, message: describeRefusal(outcome.why) };
  } catch (error) {
    if (error instanceof CameraError) return { kind: "error", message: error.message };
    throw error;
  }
}

function readJson<S extends v.GenericSchema>(text: string, shape: S): v.InferOutput<S> | null {
  try {
    const parsed = v.safeParse(shape, JSON.parse(text) as unknown);
    return parsed.success ? parsed.output : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/**
 * Gives an order to the camera that runs in `folder`, from another process.
 * @throws CameraError `not-running` if none does, `control-malformed` if the answer makes no sense
 */
export async function sendOrder(folder: string, request: ControlRequest): Promise<ControlAnswer> {
  const short = await shortPath(folderLayout(folder).control).catch((cause: unknown) => {
    throw notRunning(folder, cause);
  });
  try {
    const line = await exchange(short.path, JSON.stringify(request)).catch((cause: unknown) => {
      if (cause instanceof CameraError) throw cause;
      throw notRunning(folder, cause);
    });
    const answer = readJson(line, answerShape);
    if (!answer)
      throw new CameraError(
        "control-malformed",
        `The camera in ${folder} gave an answer that makes no sense.`,
      );
    return answer as ControlAnswer;
  } finally {
    await short.folder?.close();
  }
}

function notRunning(folder: string, cause: unknown): CameraError {
  const code = systemCode(cause);
  const hint =
    code === "EACCES"
      ? "You may not speak to it: the folder is another user's."
      : "Start it with “sworn camera standby” or “sworn camera record”.";
  return new CameraError("not-running", `No camera runs in ${folder}. ${hint}`, { cause });
}

function exchange(path: string, line: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(path);
    let text = "";
    socket.setEncoding("utf8").setTimeout(ANSWER_WAIT_MS);
    socket.once("connect", () => socket.write(`${line}\n`));
    socket.on("data", (chunk: string) => {
      text += chunk;
      if (!text.includes("\n")) return;
      resolve(text.slice(0, text.indexOf("\n")));
      socket.destroy();
    });
    socket.once("timeout", () => {
      socket.destroy();
      reject(new CameraError("control-malformed", "The camera runs but did not answer in time."));
    });
    socket.once("error", reject);
    socket.once("close", () => {
      reject(new Error("the connection was closed"));
    });
  });
}
