/**
 * Which tunnels may be opened, and which are: for each node of a group the connections its head has asked for, those that
 * wait for the node's end, and those that are joined. In memory alone: a server that restarts has no groups.
 */
import type { Duplex } from "node:stream";
import { TUNNEL_CONNECTIONS_MAX } from "@starai/protocol/split";
import type { Arrival, TunnelRefusal } from "./arrival.ts";
import { JOINED_LIMITS, JoinedEnds } from "./joined-ends.ts";
import type { JoinedLimits } from "./joined-ends.ts";

/** Of all groups together: thirty of the largest, with 21 connections to each node. Each holds two sockets. */
const TUNNELS_MAX = 2_048;
/** Of one node while its group lives: fifty loads' worth. Their ids are remembered so that none is opened twice. */
const CONNECTIONS_EVER_MAX = 1_024;
/** How long a head's end waits for the node's. */
const NODE_WAIT_MS = 5_000;

export interface TunnelLimits extends JoinedLimits {
  readonly tunnelsMax: number;
  readonly nodeWaitMs: number;
}

const LIMITS: TunnelLimits = { ...JOINED_LIMITS, tunnelsMax: TUNNELS_MAX, nodeWaitMs: NODE_WAIT_MS };

/** A head and one of its nodes. */
export interface TunnelEnds {
  readonly group: string;
  readonly place: number;
  readonly secret: string;
  /** Their workers' keys. */
  readonly head: string;
  readonly node: string;
  /** Sends the node a `dial` frame; false: it is not connected. */
  dial(connection: string): boolean;
}

export class TunnelBook {
  readonly #limits: TunnelLimits;
  readonly #groups = new Map<string, Map<number, TunnelPlace>>();
  readonly #count = { open: 0 };

  constructor(limits: Partial<TunnelLimits> = {}) {
    this.#limits = { ...LIMITS, ...limits };
  }

  /** From now on this head may open tunnels to this node. */
  open(ends: TunnelEnds): void {
    const places = this.#groups.get(ends.group) ?? new Map<number, TunnelPlace>();
    this.#groups.set(ends.group, places);
    places.get(ends.place)?.close();
    places.set(ends.place, new TunnelPlace(ends, this.#limits, this.#count));
  }

  /** Ends the group's connections at once; none is opened any more. */
  close(group: string): void {
    const places = this.#groups.get(group);
    this.#groups.delete(group);
    for (const place of places?.values() ?? []) place.close();
  }

  closeAll(): void {
    for (const group of this.#groups.keys()) this.close(group);
  }

  find(group: string, place: number): TunnelEnds | undefined {
    return this.placeOf(group, place)?.ends;
  }

  placeOf(group: string, place: number): TunnelPlace | undefined {
    return this.#groups.get(group)?.get(place);
  }

  /** Connections that are joined now. */
  get size(): number {
    return this.#count.open;
  }

  /**
   * What a question from the head to a node and its answer take at least, on the way through the relay: the mean of the
   * group's nodes. Null before every one of them has answered.
   */
  roundTripMs(group: string): number | null {
    const trips = [...(this.#groups.get(group)?.values() ?? [])].map((place) => place.roundTripMs);
    if (trips.length === 0 || trips.includes(null)) return null;
    return trips.reduce<number>((sum, trip) => sum + (trip ?? 0), 0) / trips.length;
  }
}

interface Waiting {
  readonly arrival: Arrival;
  readonly timer: NodeJS.Timeout;
}

/** The connections between a head and one of its nodes. */
export class TunnelPlace {
  readonly ends: TunnelEnds;
  readonly #limits: TunnelLimits;
  /** Of all places together. */
  readonly #count: { open: number };
  readonly #used = new Set<string>();
  readonly #waiting = new Map<string, Waiting>();
  readonly #joined = new Set<JoinedEnds>();
  #roundTripMs: number | null = null;

  constructor(ends: TunnelEnds, limits: TunnelLimits, count: { open: number }) {
    this.ends = ends;
    this.#limits = limits;
    this.#count = count;
  }

  /** The head asks for a connection; it waits until the node has opened its end. Returns why it may not. */
  ask(connection: string, arrival: Arrival): TunnelRefusal | null {
    if (this.#used.has(connection))
      return { status: 409, reason: "this connection was opened before: choose a new id for each" };
    if (this.#waiting.size + this.#joined.size >= TUNNEL_CONNECTIONS_MAX)
      return {
        status: 429,
        reason: `this node has ${TUNNEL_CONNECTIONS_MAX} connections, the most: close some of them`,
      };
    if (this.#used.size >= CONNECTIONS_EVER_MAX)
      return { status: 429, reason: "this head opens connections without end: its group must be formed anew" };
    if (this.#count.open >= this.#limits.tunnelsMax)
      return { status: 503, reason: "the pool relays as many tunnels as it can: try again in a moment" };
    this.#used.add(connection);
    const timer = setTimeout(() => this.#giveUp(connection), this.#limits.nodeWaitMs);
    this.#waiting.set(connection, { arrival, timer });
    arrival.onGone(() => this.#take(connection));
    if (this.ends.dial(connection)) return null;
    this.#take(connection);
    return { status: 502, reason: "the node is not connected to the pool now: its group will be formed anew" };
  }

  /** The node opens its end. Returns why it may not. */
  answer(connection: string, arrival: Arrival, accept: (arrival: Arrival) => Duplex | null): TunnelRefusal | null {
    const waiting = this.#take(connection);
    if (!waiting)
      return { status: 409, reason: "no head waits for this connection: it was answered before, or given up" };
    const node = accept(arrival);
    if (!node) {
      waiting.arrival.refuse({ status: 502, reason: "the node's end broke off: open another connection" });
      return null;
    }
    const head = accept(waiting.arrival);
    if (head) this.#join(head, node);
    else node.destroy();
    return null;
  }

  get roundTripMs(): number | null {
    return [...this.#joined].reduce((least, { roundTripMs }) => lesser(least, roundTripMs), this.#roundTripMs);
  }

  close(): void {
    const reason = "the group has ended: wait to be put into a new one";
    for (const connection of this.#waiting.keys()) this.#take(connection)?.arrival.refuse({ status: 404, reason });
    for (const joined of this.#joined) joined.destroy();
  }

  #join(head: Duplex, node: Duplex): void {
    this.#count.open += 1;
    const joined = new JoinedEnds({ head, node }, this.#limits, () => {
      this.#count.open -= 1;
      this.#roundTripMs = lesser(this.#roundTripMs, joined.roundTripMs);
      this.#joined.delete(joined);
    });
    this.#joined.add(joined);
  }

  #take(connection: string): Waiting | undefined {
    const waiting = this.#waiting.get(connection);
    clearTimeout(waiting?.timer);
    this.#waiting.delete(connection);
    return waiting;
  }

  #giveUp(connection: string): void {
    const reason = `the node did not open its end within ${this.#limits.nodeWaitMs / 1_000} s`;
    this.#take(connection)?.arrival.refuse({ status: 504, reason });
  }
}

function lesser(one: number | null, other: number | null): number | null {
  return one === null || other === null ? (one ?? other) : Math.min(one, other);
}
