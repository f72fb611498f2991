/**
 * Whose fault it was that leases of a group were lost. They are lost by what the head says or by its silence, and the
 * machine that caused it may be another: so the pool waits a moment for what it sees itself.
 *
 * A member that goes within that time caused it. Where only the head names a node, it is nobody's fault: the head may be
 * right, and is not believed. Otherwise it is the head's. What a head sends is its own in any case: a false frame counts
 * against it at once, as any worker's.
 */
import type { ConnectedWorker } from "../connected-worker.ts";
import type { Group, Member } from "./group.ts";

/** A machine that fell silent is gone after 6 s; then its group has ended, and two more are for the way. */
const WAIT_MS = 8_000;

interface Suspicion {
  readonly group: Group;
  /** How the first of its leases ended. */
  readonly end: string;
  readonly until: number;
  /** Its head names nodes. */
  isNamed: boolean;
}

/** One for each group, and for those that ended in the last seconds. */
export class GroupFaults {
  readonly #open = new Map<string, Suspicion>();
  readonly #charge: (worker: ConnectedWorker, end: string) => void;

  constructor(charge: (worker: ConnectedWorker, end: string) => void) {
    this.#charge = charge;
  }

  /** A lease of this group was lost by a fault. Several at once are one. */
  suspect(group: Group, end: string, now: number): void {
    if (!this.#open.has(group.id)) this.#open.set(group.id, { group, end, until: now + WAIT_MS, isNamed: false });
  }

  /** The pool saw, or heard from itself, that this member does its part no more. */
  saw(group: Group, { connected }: Member): void {
    const suspicion = this.#open.get(group.id);
    this.#open.delete(group.id);
    if (suspicion) this.#charge(connected, suspicion.end);
  }

  /** Its head says that nodes were to blame. */
  named(group: Group): void {
    const suspicion = this.#open.get(group.id);
    if (suspicion) suspicion.isNamed = true;
  }

  /** The group was ended by its owners or the operator. */
  forgive(group: Group): void {
    this.#open.delete(group.id);
  }

  /** This connection is gone: of groups that have ended already, too. */
  left(connected: ConnectedWorker): void {
    for (const { group } of this.#open.values()) {
      const member = group.memberOf(connected);
      if (member) this.saw(group, member);
    }
  }

  settle(now: number): void {
    for (const { group, until, isNamed } of this.#open.values()) {
      if (until > now) continue;
      if (isNamed) this.forgive(group);
      else this.saw(group, group.head);
    }
  }
}
