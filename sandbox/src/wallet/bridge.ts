/**
 * TON Connect's HTTP bridge: passes encrypted messages between clients, each named by its public key, and keeps them until their
 * time is over, so that one who comes back receives what was missed. It cannot read them.
 * @see https://github.com/ton-blockchain/ton-connect/blob/main/bridge.md
 */

export interface BridgeMessage {
  /** Grows, also over restarts. */
  readonly id: number;
  readonly from: string;
  /** Base64 of the encrypted message. */
  readonly message: string;
}

interface Waiting extends BridgeMessage {
  /** Milliseconds since 1970. */
  readonly until: number;
}

type Listener = (message: BridgeMessage) => void;

/** TON Connect's clients ask for 300. */
export const TTL_S_MAX = 300;
/** Clients with messages or open streams; far more pages than one person opens. */
const CLIENTS_MAX = 200;
const MESSAGES_MAX = 32;
/** All that waits, in characters. */
const WAITING_MAX = 16 * 1024 * 1024;
const STREAMS_MAX = 4;

export class Bridge {
  readonly #waiting = new Map<string, Waiting[]>();
  readonly #listeners = new Map<string, Set<Listener>>();
  readonly #clock: () => number;
  #lastId = 0;

  constructor(clock: () => number = Date.now) {
    this.#clock = clock;
  }

  /** False when the bridge is full. Beyond its bound a client's oldest message is dropped. */
  post(to: string, { from, message, ttlS }: { from: string; message: string; ttlS: number }): boolean {
    this.#expire();
    if (!this.#waiting.has(to) && this.#waiting.size >= CLIENTS_MAX) return false;
    const kept = [...this.#waiting.values()].flat().reduce((sum, one) => sum + one.message.length, 0);
    if (kept + message.length > WAITING_MAX) return false;
    const until = this.#clock() + Math.min(ttlS, TTL_S_MAX) * 1_000;
    const sent = { id: this.nextId(), from, message, until };
    this.#waiting.set(to, [...(this.#waiting.get(to) ?? []), sent].slice(-MESSAGES_MAX));
    for (const listener of this.#listeners.get(to) ?? []) listener(sent);
    return true;
  }

  /**
   * Hears the messages to a client: those that wait and are newer than `after`, then each as it comes. Returns what ends it; null
   * when too many listen already.
   */
  listen(client: string, after: number, listener: Listener): (() => void) | null {
    this.#expire();
    const listeners = this.#listeners.get(client) ?? new Set();
    if (listeners.size >= STREAMS_MAX) return null;
    if (listeners.size === 0 && this.#listeners.size >= CLIENTS_MAX) return null;
    this.#listeners.set(client, listeners.add(listener));
    for (const message of this.#waiting.get(client) ?? []) if (message.id > after) listener(message);
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.#listeners.delete(client);
    };
  }

  /** Of messages and of wallet events, which clients want growing. */
  nextId(): number {
    this.#lastId = Math.max(this.#lastId + 1, this.#clock());
    return this.#lastId;
  }

  #expire(): void {
    const now = this.#clock();
    for (const [client, messages] of this.#waiting) {
      const left = messages.filter(({ until }) => until > now);
      if (left.length === 0) this.#waiting.delete(client);
      else if (left.length < messages.length) this.#waiting.set(client, left);
    }
  }
}
