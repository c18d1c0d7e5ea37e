// A dock's link to its server for one camera: every request is signed anew, within the session once there is one, and by
// the server's clock where the dock's own is off.
import { Api, dockingCalls, type HttpRequest, type SendRequest } from "@sworn/client";
import { TIME_HEADER, type DockingSession, type DockingSessionRequest } from "@sworn/contract";
import { signRequest, type DockKey, type SigningSession } from "./sign-request.ts";

export interface DockClock {
  nowMs(): number;
}

/** The dock's clock compared with the server's. */
export interface ClockReading {
  /** To be added to the dock's clock. */
  readonly offsetMs: number;
  /** The server's time is known to within this: half the round trip, and a reading on either side. */
  readonly errorMs: number;
}

export interface LinkOptions {
  readonly server: string;
  readonly key: DockKey;
  readonly clock: DockClock;
  readonly send: SendRequest;
}

export class DockLink {
  readonly api: Api;
  readonly calls: ReturnType<typeof dockingCalls>;
  readonly #options: LinkOptions;
  #offsetMs = 0;
  #session: SigningSession | null = null;

  constructor(options: LinkOptions) {
    this.#options = options;
    this.api = new Api({ server: options.server, send: (request) => this.#send(request) });
    this.calls = dockingCalls(this.api);
  }

  /** Opens the session and reads the server's clock, by the time that passed in between. */
  async open(request: DockingSessionRequest): Promise<{ session: DockingSession; reading: ClockReading }> {
    const { clock } = this.#options;
    let sentMs = clock.nowMs();
    let retried = this.#offsetMs;
    let session = await this.calls.openSession(request);
    if (retried !== this.#offsetMs) {
      // The first attempt was signed by a wrong clock, and its way there and back tells nothing: measure again.
      retried = this.#offsetMs;
      sentMs = clock.nowMs();
      session = await this.calls.openSession(request);
    }
    const answeredMs = clock.nowMs();
    const tripMs = Math.max(0, answeredMs - sentMs);
    const offsetMs = Math.round(session.serverTimeMs - (sentMs + tripMs / 2));
    this.#offsetMs = offsetMs;
    this.#session = { session: session.session, nonce: session.nonce };
    return { session, reading: { offsetMs, errorMs: Math.ceil(tripMs / 2) + 2 } };
  }

  async #send(request: HttpRequest): Promise<Awaited<ReturnType<SendRequest>>> {
    const answer = await this.#options.send(await this.#sign(request));
    const serverTime = answer.status === 401 ? answer.header(TIME_HEADER) : null;
    if (serverTime === null || !/^\d{1,15}$/.test(serverTime)) return answer;
    this.#offsetMs = Number(serverTime) - this.#options.clock.nowMs();
    return this.#options.send(await this.#sign(request));
  }

  async #sign(request: HttpRequest): Promise<HttpRequest> {
    const nowMs = this.#options.clock.nowMs() + this.#offsetMs;
    const session = this.#session;
    const headers = await signRequest(this.#options.key, request, { nowMs, ...(session ? { session } : {}) });
    return { ...request, headers };
  }
}
