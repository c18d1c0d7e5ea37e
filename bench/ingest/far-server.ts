// A running server as cameras and docks in another process reach it: by HTTP and nothing else.
import { bodyOf, type Founded, type ReachedServer } from "../../apps/server/test/docking/docking-server.ts";
import { TestCamera } from "../../apps/server/test/docking/test-camera.ts";
import { TestDock } from "../../apps/server/test/docking/test-dock.ts";
import { Docked } from "../../apps/server/test/ingest/fake-camera.ts";

/** The camera's time, which runs ahead while it films faster than life; it is back in the present when it docks. */
class CameraClock {
  #behindMs = 0;

  nowMs(): number {
    return Date.now() - this.#behindMs;
  }

  advanceMs(byMs: number): void {
    this.#behindMs = Math.max(0, this.#behindMs - byMs);
  }

  /** Goes back by the time that will be filmed now. */
  filmFor(ms: number): void {
    this.#behindMs = ms;
  }

  arrive(): void {
    this.#behindMs = 0;
  }
}

function reach(url: string, clock: ReachedServer["clock"]): ReachedServer {
  return {
    url,
    clock,
    call: async (method, path, given = {}) => {
      const answer = await fetch(url + path, {
        method,
        headers: {
          ...(given.key === undefined ? {} : { authorization: `Bearer ${given.key}` }),
          ...(given.body === undefined ? {} : { "content-type": "application/json" }),
        },
        ...(given.body === undefined ? {} : { body: JSON.stringify(given.body) }),
      });
      return { status: answer.status, headers: answer.headers, body: await bodyOf(answer) };
    },
  };
}

export interface FarCamera {
  readonly camera: TestCamera;
  readonly clock: CameraClock;
  /** Opens a session: its journal up to now is accepted. */
  dock(): Promise<Docked>;
}

export interface FarForce {
  readonly founded: Founded;
  enrol(name: string): Promise<FarCamera>;
}

/** Founds a force with one dock, and enrols cameras on demand. */
export async function foundFar(url: string, code: string): Promise<FarForce> {
  const present = { nowMs: () => Date.now(), advanceMs: () => undefined };
  const server = reach(url, present);
  const body = { code, force: { name: "Bench", slug: "bench" }, person: { name: "A. Bench" } };
  const { body: made } = await server.call("POST", "/v1/setup", { body });
  const founded: Founded = {
    key: (made["apiKey"] as { secret: string }).secret,
    forceId: (made["force"] as { id: string }).id,
    personId: (made["person"] as { id: string }).id,
  };
  const dock = await TestDock.enrol(server, founded, "Bench dock");
  return {
    founded,
    async enrol(name) {
      const clock = new CameraClock();
      const camera = await TestCamera.enrol(reach(url, clock), founded, name);
      return {
        camera,
        clock,
        dock() {
          clock.arrive();
          return Docked.at(server, dock, camera);
        },
      };
    },
  };
}
