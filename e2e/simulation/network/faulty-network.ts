// The network between docks, people and the server: it loses requests and answers, delivers twice, late and out of
// order, and breaks in the middle of a body, as the step's faults say. It never changes a byte: TLS would see that.
import { ClientError, type HttpAnswer, type HttpRequest, type SendRequest } from "@sworn/client";
import { type SentRequest, type Wire, deliver, gather } from "./duplex-link.ts";

export type NetworkFault =
  | { readonly kind: "drop-request" | "drop-answer" | "deliver-twice" | "deliver-late" }
  | { readonly kind: "cut"; readonly share: number };

export interface Exchange {
  readonly method: string;
  readonly path: string;
  readonly status: number | null;
  readonly fault: string | null;
}

export class Network {
  /** Null while the server is down. */
  wire: Wire | null = null;
  faults: ((request: SentRequest) => NetworkFault | null) | null = null;
  /** Answers in place of the server: a known bug to be found. */
  front: ((request: SentRequest) => HttpAnswer | null) | null = null;
  onExchange: ((exchange: Exchange) => void) | null = null;
  readonly #late: SentRequest[] = [];

  /** A sender's side. After `close` whatever it sends is never answered: its sender is gone. */
  line(): { readonly send: SendRequest; close(): void } {
    const closed = new AbortController();
    const isClosed = (): boolean => closed.signal.aborted;
    const send: SendRequest = async (request) => {
      const sent = await gather(request);
      if (isClosed()) return new Promise<never>(() => undefined);
      const answer = await this.#exchange(sent, request);
      return isClosed() ? new Promise<never>(() => undefined) : answer;
    };
    return {
      send,
      close() {
        closed.abort();
      },
    };
  }

  deliverLater(request: SentRequest): void {
    this.#late.push(request);
  }

  /** Delivers what was late, in its order; nobody waits for the answers any more. Gives their status. */
  async deliverLate(): Promise<number[]> {
    const statuses: number[] = [];
    for (const request of this.#late.splice(0)) {
      const answer = await this.#toServer(request, null).catch(() => null);
      statuses.push(answer?.status ?? 0);
    }
    return statuses;
  }

  async #exchange(sent: SentRequest, request: HttpRequest): Promise<HttpAnswer> {
    const fault = this.faults?.(sent) ?? null;
    const { pathname } = new URL(request.url);
    const tell = (status: number | null): void => {
      this.onExchange?.({ method: sent.method, path: pathname, status, fault: fault?.kind ?? null });
    };
    try {
      const answer = await this.#withFault(sent, fault);
      tell(answer.status);
      return answer;
    } catch (error) {
      tell(null);
      throw error;
    }
  }

  async #withFault(sent: SentRequest, fault: NetworkFault | null): Promise<HttpAnswer> {
    switch (fault?.kind) {
      case undefined:
        return this.#toServer(sent, null);
      case "drop-request":
        throw lost();
      case "drop-answer":
        await this.#toServer(sent, null);
        throw lost();
      case "deliver-twice": {
        const first = await this.#toServer(sent, null);
        await this.#toServer(sent, null).catch(() => null);
        return first;
      }
      case "deliver-late":
        this.#late.push(sent);
        throw lost();
      case "cut":
        return this.#toServer(sent, Math.floor(sent.body.byteLength * fault.share));
    }
  }

  async #toServer(sent: SentRequest, cutAtBytes: number | null): Promise<HttpAnswer> {
    const early = this.front?.(sent) ?? null;
    if (early !== null) return early;
    const { wire } = this;
    if (wire === null) throw lost();
    return deliver(wire, sent, cutAtBytes);
  }
}

function lost(): ClientError {
  return new ClientError("unreachable", "the network lost it");
}
