/**
 * The groups of this pool: formed from what machines offer, told to them part by part, and ended for all when one of
 * them cannot go on. In memory alone: workers end their parts when their connection ends, so that a restarted pool
 * begins with none.
 *
 * A lost connection of a member ends its group at once, also where the machine would be back in a second: its worker
 * has ended its part by then, and the engine does not survive a broken tunnel.
 */
import type { Lent } from "@starai/protocol/pool-prices";
import type { WorkerFrame } from "@starai/protocol/worker-frames";
import { formGroups, isOwnersOwn, mayHold } from "../../scheduler/groups/form-groups.ts";
import type { GroupPlan } from "../../scheduler/groups/form-groups.ts";
import type { GroupMember } from "../../db/group-member.ts";
import type { ConnectedWorker } from "../connected-worker.ts";
import { Bars } from "./bars.ts";
import { chargeFault } from "./charge-fault.ts";
import { Group } from "./group.ts";
import type { Member } from "./group.ts";
import { GroupFaults } from "./group-faults.ts";
import { groupStatus, shownGroups } from "./group-status.ts";
import type { GroupParts } from "./group-parts.ts";
import { lentOf } from "./lent.ts";
import { groupSnapshot, offerOf } from "./offers.ts";

type GroupStage = Extract<WorkerFrame, { type: "group" }>;
type Up = Extract<GroupStage["stage"], { kind: "up" }>;
type Ended = Extract<GroupStage["stage"], { kind: "ended" }>;

/** A machine that prepares says within this that it went on. */
const NODE_SILENCE_MAX_MS = 60_000;
/** A head loads over its tunnels, which it may not be able to follow. */
const HEAD_SILENCE_MAX_MS = 5 * 60_000;
/** From the first frame until it is up: a download of 20 GB at 100 Mbit/s. */
const PREPARING_MAX_MS = 30 * 60_000;
/**
 * For so long after its group was ended by others a machine may still be ending its part, and say so when it is given the
 * next; and when its connection breaks within this time, that is how it had been lost.
 */
const FREED_MS = 8_000;
const REASON_CHARS_MAX = 500;

/** Who ended a group, as far as that counts against somebody. */
interface Blame {
  /** Whom the pool saw, or heard from itself. */
  readonly seen?: readonly Member[];
  /** Whether no group takes these for a while; by default so. */
  readonly isBarred?: boolean;
  /** Nodes that the head names: this head does not get them for a while. */
  readonly named?: readonly Member[];
}

export class GroupBook {
  readonly #parts: GroupParts;
  readonly #groups = new Set<Group>();
  readonly #bars = new Bars();
  readonly #faults: GroupFaults;
  /** Of machines that could not hold what they said, until they join again. */
  readonly #believed = new WeakMap<ConnectedWorker, number>();
  /** When machines' last groups were ended by others. */
  readonly #freedAt = new WeakMap<ConnectedWorker, number>();
  #lent: readonly Lent[] = [];
  #lose: (worker: ConnectedWorker, model: string, end: string) => void = () => {};

  constructor(parts: GroupParts) {
    this.#parts = parts;
    this.#faults = new GroupFaults((worker, end) => void chargeFault(parts, worker, end));
    parts.registry.watchGroups(() => this.statuses());
    parts.registry.membersOf = (worker, model) => this.membersOf(worker, model);
  }

  /** Registers how a worker's leases of a model are lost. */
  watchLeases(lose: (worker: ConnectedWorker, model: string, end: string) => void): void {
    this.#lose = lose;
  }

  /** Ends groups that cannot go on, and forms those that can. */
  look(now = this.#parts.monotonic()): void {
    this.#faults.settle(now);
    for (const group of this.#groups) this.#check(group, now);
    const groups = [...this.#groups];
    const believed = (connected: ConnectedWorker) => this.#believed.get(connected) ?? 1;
    const snapshot = groupSnapshot(this.#parts, { groups, bars: this.#bars.all(now), believed, now });
    this.#lent = lentOf(snapshot);
    for (const plan of formGroups(snapshot)) this.#form(plan, now);
  }

  /** What machines lent at the last look: anybody may ask, and counting thousands of them is slow. */
  get lent(): readonly Lent[] {
    return this.#lent;
  }

  /** A worker says how its part stands. What does not belong to its group's present phase changes nothing. */
  accept(connected: ConnectedWorker, { group: id, stage }: GroupStage): void {
    const group = this.#groupOf(connected);
    const member = group?.memberOf(connected);
    const fault =
      !group || !member || group.id !== id
        ? "this machine has no part in that group: it is over, or never was"
        : this.#take(group, member, stage);
    if (fault !== null) connected.sender.send({ type: "dropped", job: null, fence: null, reason: fault });
  }

  /**
   * Its connection is gone, or replaced by a newer one.
   * @param isMeant  it left by its owner's wish
   */
  left(connected: ConnectedWorker, { isMeant }: { isMeant: boolean }): void {
    const group = this.#groupOf(connected);
    const member = group?.memberOf(connected);
    const now = this.#parts.monotonic();
    if (!group && !isMeant && this.#wasFreed(connected, now)) this.#bars.bar({ worker: connected.id, head: null }, now);
    if (group && member) {
      const reason = `${nameOf(member)} ${isMeant ? "has left the pool" : "lost its connection to the pool"}`;
      this.#end(group, reason, { seen: [member], isBarred: !isMeant });
    }
    // Groups that ended a moment ago may have lost their leases by it.
    this.#faults.left(connected);
  }

  /** A lease of a group's model was lost by a fault. Returns whether the group answers for it, and not its head alone. */
  suspect(workerId: string, model: string, end: string): boolean {
    const group = this.#led(workerId, model);
    if (group) this.#faults.suspect(group, end, this.#parts.monotonic());
    return group !== undefined;
  }

  /** Who serves this model together with this worker, its head; null: it alone. */
  membersOf(workerId: string, model: string): GroupMember[] | null {
    return this.#led(workerId, model)?.work() ?? null;
  }

  statuses() {
    return shownGroups(this.#groups).map((group) => groupStatus(group, this.#parts.tunnels.roundTripMs(group.id)));
  }

  #led(workerId: string, model: string): Group | undefined {
    return [...this.#groups].find(
      ({ phase, head, plan }) => phase === "up" && head.connected.id === workerId && plan.model.id === model,
    );
  }

  #groupOf(connected: ConnectedWorker): Group | undefined {
    return [...this.#groups].find((group) => group.memberOf(connected) !== undefined);
  }

  #form(plan: GroupPlan, now: number): void {
    const { registry, tunnels, events, vocabularies } = this.#parts;
    const machines = plan.members.map(({ worker }) => registry.get(worker));
    if (machines.includes(undefined)) return;
    const connected = (machines as ConnectedWorker[]).map((one) => {
      return { connected: one, person: registry.owners.ownerOf(one.id).person };
    });
    const group = new Group(plan, connected, now);
    this.#groups.add(group);
    void vocabularies.open(plan.model.id);
    for (const [place, { connected: node, secret }] of group.nodes.entries()) {
      const dial = (connection: string) => node.sender.send({ type: "dial", group: group.id, connection });
      tunnels.open({ group: group.id, place, secret, head: group.head.connected.id, node: node.id, dial });
    }
    events.groupFormed({ group: group.id, model: plan.model.id, members: group.members.map(nameOf) });
    registry.groupsChanged();
    for (const node of group.nodes) group.send(node, now);
  }

  /** Returns why the stage changes nothing; null when it was taken. */
  #take(group: Group, member: Member, stage: GroupStage["stage"]): string | null {
    const now = this.#parts.monotonic();
    const isHead = member === group.head;
    if (stage.kind === "ended") return this.#onEnded(group, member, stage, now);
    if (member.state === "waiting") return `a ${stage.kind} stage came before this machine was given its part`;
    if (member.state !== "preparing") return `a ${stage.kind} stage came after this machine had said that it is ready`;
    switch (stage.kind) {
      case "preparing":
        if (stage.done > member.done) [member.done, member.roseAt] = [stage.done, now];
        return null;
      case "ready":
        if (isHead) return "a head says up when its nodes answer, and not ready";
        Object.assign(member, { state: "ready", done: 1, direct: stage.direct });
        if (group.nodes.every(({ state }) => state === "ready")) this.#load(group, now);
        return null;
      case "up":
        if (!isHead) return "only a group's head says that it is up";
        return this.#onUp(group, stage, now);
    }
  }

  #load(group: Group, now: number): void {
    group.phase = "head";
    group.send(group.head, now);
  }

  #onUp(group: Group, { served }: Up, now: number): null {
    const { registry, events } = this.#parts;
    const fault = faultOf(group.plan, served);
    if (fault !== null) {
      this.#end(group, `its head ${nameOf(group.head)} serves something else: ${fault}`, { seen: [group.head] });
      return null;
    }
    group.phase = "up";
    Object.assign(group.head, { state: "ready", done: 1 });
    const nodes = group.nodes.map(({ connected }) => connected);
    registry.groupServes(group.head.connected, served, nodes);
    events.groupUp({ group: group.id, model: group.plan.model.id, ms: now - group.formedAt });
    return null;
  }

  #onEnded(group: Group, member: Member, stage: Ended, now: number): null {
    const isHead = member === group.head;
    const named = isHead ? group.nodes.filter((_, place) => stage.lost.includes(place)) : [];
    const blamed = named.length > 0 ? ` It names ${named.map(nameOf).join(" and ")}.` : "";
    const reason = `${nameOf(member)} has ended its part: ${printable(stage.reason)}.${blamed}`;
    if (group.phase === "head") this.#doubt(group, isHead ? named : [member]);
    member.state = "ended";
    const isBarred = group.phase === "up" || !this.#wasFreed(member.connected, now);
    this.#end(group, reason, named.length > 0 ? { named } : { seen: [member], isBarred }, now);
    return null;
  }

  #wasFreed(connected: ConnectedWorker, now: number): boolean {
    return now - (this.#freedAt.get(connected) ?? -Infinity) < FREED_MS;
  }

  /** A node that ended while the model was loaded is believed half of its memory: by its own word, or its owner's head's. */
  #doubt({ head }: Group, members: readonly Member[]): void {
    for (const member of members) {
      if (member === head || !isOwnersOwn(head, member)) continue;
      this.#believed.set(member.connected, (this.#believed.get(member.connected) ?? 1) / 2);
    }
  }

  #check(group: Group, now: number): void {
    const { members, phase, formedAt } = group;
    const why = this.#whyApart(group);
    if (why !== null) return this.#end(group, why, {}, now);
    if (phase === "up") return;
    const waitedFor = members.filter(({ state }) => state === "preparing");
    const silenceMax = phase === "head" ? HEAD_SILENCE_MAX_MS : NODE_SILENCE_MAX_MS;
    const silent = waitedFor.filter(({ roseAt }) => now - roseAt > silenceMax);
    const late = now - formedAt > PREPARING_MAX_MS ? waitedFor : silent;
    if (late.length === 0) return;
    this.#end(group, `${late.map(nameOf).join(" and ")} did not get ready in time`, { seen: late }, now);
  }

  /** Null while its machines may work together as they did when it was formed. */
  #whyApart({ head, nodes, members }: Group): string | null {
    const { owners } = this.#parts.registry;
    const drained = members.find(({ connected }) => connected.drained);
    if (drained) return `${nameOf(drained)} was taken out of work by the operator`;
    const moved = members.find(({ connected, person }) => owners.ownerOf(connected.id).person !== person);
    if (moved) return `${nameOf(moved)} has another owner now`;
    const [headOffer, ...offers] = [head, ...nodes].map(({ connected }) => offerOf(this.#parts, connected, 1)!);
    const stranger = offers.findIndex((offer) => !mayHold(headOffer!, offer));
    return stranger < 0 ? null : `the stake of ${nameOf(head)} no longer lets it use other people's machines`;
  }

  #end(
    group: Group,
    reason: string,
    { seen = [], named = [], isBarred = true }: Blame,
    now = this.#parts.monotonic(),
  ): void {
    if (group.phase === "ended") return;
    const { registry, tunnels, events } = this.#parts;
    const { head, plan, members } = group;
    const wasUp = group.phase === "up";
    if (wasUp) this.#lose(head.connected, plan.model.id, "group_ended");
    group.phase = "ended";
    this.#groups.delete(group);
    tunnels.close(group.id);
    if (wasUp) registry.groupEnded(head.connected, plan.model.id);
    registry.groupsChanged();
    if (seen[0]) this.#faults.saw(group, seen[0]);
    else if (named.length > 0) this.#faults.named(group);
    else this.#faults.forgive(group);
    if (isBarred) for (const { connected } of seen) this.#bars.bar({ worker: connected.id, head: null }, now);
    for (const { connected } of named) this.#bars.bar({ worker: connected.id, head: head.connected.id }, now);
    const words = reason.slice(0, REASON_CHARS_MAX);
    for (const { connected, state } of members) {
      if (state === "ended") continue;
      this.#freedAt.set(connected, now);
      if (state !== "waiting") connected.sender.send({ type: "ungroup", group: group.id, reason: words });
    }
    events.groupEnded({ group: group.id, model: plan.model.id, wasUp, members: members.map(nameOf) });
  }
}

/** What a group serves is what it was formed for. */
function faultOf({ model, contextTokens, slots, kvType }: GroupPlan, served: Up["served"]): string | null {
  if (served.id !== model.id || served.sha256 !== model.sha256) return "another file";
  if (served.contextTokens > contextTokens) return "more context than its parts were made for";
  if (served.slots > slots) return "more slots than its parts were made for";
  if (served.kvType !== kvType) return "another type of cache than its parts were made for";
  return null;
}

function nameOf({ connected }: Member): string {
  return connected.facts.name;
}

/** A stranger's words, on the way to other people's terminals. */
function printable(text: string): string {
  return text
    .replaceAll(/\p{Cc}/gu, " ")
    .slice(0, 300)
    .replace(/[\s.]+$/, "")
    .trim();
}
