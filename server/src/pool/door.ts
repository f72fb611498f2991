/**
 * Admission of sockets to the pool. A socket is `unproven`, then its key is `proven`, then it is `live`, part of the
 * pool. Each address and network has a share of all sockets, each key one socket in the handshake, and a handshake
 * must end within a few seconds: identities cost nothing, sockets and rows do.
 */
import { CLOSE } from "@starai/protocol/worker-frames";
import type { Origin } from "./origin-of.ts";

/** A connection, as far as the door needs it. */
export interface Guest {
  readonly origin: Origin;
  close(code: number, reason: string): void;
}

/** Set in config.ts, with the reason for each number. */
export interface DoorLimits {
  readonly unprovenPerAddressMax: number;
  readonly handshakesMax: number;
  readonly workersPerAddressMax: number;
  readonly workersPerNetworkMax: number;
}

export class Door {
  readonly #limits: DoorLimits;
  readonly #ofAddress = new Map<string, number>();
  readonly #ofNetwork = new Map<string, number>();
  readonly #unprovenOfAddress = new Map<string, number>();
  readonly #unproven = new Set<Guest>();
  /** Not live yet, the longest waiting first, with the key once it is proven. */
  readonly #waiting = new Map<Guest, string | null>();
  readonly #waitingByKey = new Map<string, Guest>();

  constructor(limits: DoorLimits) {
    this.#limits = limits;
  }

  /** Reason to refuse a further socket of this origin; null when it may connect. */
  refusalOf({ address, network }: Origin): string | null {
    const { unprovenPerAddressMax, workersPerAddressMax, workersPerNetworkMax } = this.#limits;
    if ((this.#unprovenOfAddress.get(address) ?? 0) >= unprovenPerAddressMax)
      return `${address} has ${unprovenPerAddressMax} connections without a proof; it may come back in a moment`;
    if ((this.#ofAddress.get(address) ?? 0) >= workersPerAddressMax)
      return `${address} has ${workersPerAddressMax} workers, which is its share (behind a proxy set STARAI_BEHIND_PROXY=on)`;
    if ((this.#ofNetwork.get(network) ?? 0) >= workersPerNetworkMax)
      return `the network ${network} has ${workersPerNetworkMax} workers, which is its share`;
    return null;
  }

  enter(guest: Guest): void {
    const { address, network } = guest.origin;
    count(this.#ofAddress, address, 1);
    count(this.#ofNetwork, network, 1);
    count(this.#unprovenOfAddress, address, 1);
    this.#unproven.add(guest);
    this.#waiting.set(guest, null);
    // An honest handshake takes milliseconds: the socket that has waited longest is the least likely to be honest.
    const [longest] = this.#waiting.keys();
    if (this.#waiting.size > this.#limits.handshakesMax && longest) {
      this.#stopWaiting(longest);
      longest.close(CLOSE.full, "too many machines join at once; come back in a moment");
    }
  }

  /** Records a proof, and closes an earlier socket of the same key that is not live yet. */
  proven(guest: Guest, key: string): void {
    this.#stopUnproven(guest);
    if (!this.#waiting.has(guest)) return;
    const earlier = this.#waitingByKey.get(key);
    if (earlier) {
      this.#stopWaiting(earlier);
      earlier.close(CLOSE.replaced, "the same worker key connected again; the newest connection is kept");
    }
    this.#waiting.set(guest, key);
    this.#waitingByKey.set(key, guest);
  }

  live(guest: Guest): void {
    this.#stopWaiting(guest);
  }

  /** Called once, when the guest's socket is closed. */
  gone(guest: Guest): void {
    this.#stopUnproven(guest);
    this.#stopWaiting(guest);
    count(this.#ofAddress, guest.origin.address, -1);
    count(this.#ofNetwork, guest.origin.network, -1);
  }

  #stopUnproven(guest: Guest): void {
    if (this.#unproven.delete(guest)) count(this.#unprovenOfAddress, guest.origin.address, -1);
  }

  #stopWaiting(guest: Guest): void {
    const key = this.#waiting.get(guest);
    this.#waiting.delete(guest);
    if (key && this.#waitingByKey.get(key) === guest) this.#waitingByKey.delete(key);
  }
}

function count(counts: Map<string, number>, key: string, change: 1 | -1): void {
  const left = (counts.get(key) ?? 0) + change;
  if (left > 0) counts.set(key, left);
  else counts.delete(key);
}
