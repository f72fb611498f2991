/**
 * Which groups to form now: for a model that an owner wants served, that no machine serves alone and that no group of
 * theirs serves yet. The head is one of those that want it; its nodes are the fewest that make it fit. Pure: the same
 * machines, in whatever order they are told, always form the same groups.
 *
 * A machine is in one group at a time. Whoever speaks to a layer server owns its process, so machines hold layers for
 * heads of their own owner, and for others only where both sides agreed to that: the node's owner said so, and the
 * head has enough at stake.
 */
import { GROUP_KV_TYPE, isSplit, layersThatFit } from "@starai/protocol/group-layers";
import type { Room, SplitModel } from "@starai/protocol/group-layers";
import { GROUP_NODES_MAX } from "@starai/protocol/split";
import type { SplitOffer } from "@starai/protocol/split";
import type { Catalogue } from "@starai/protocol/catalogue";
import { chooseNodes } from "./choose-nodes.ts";
import { shareLayers } from "./share-layers.ts";

/** What a connected machine lends to groups. */
export interface Offer extends SplitOffer {
  readonly worker: string;
  /** Whose it is; null: nobody's. */
  readonly person: string | null;
  /** Whether other people's machines may hold layers for it. */
  readonly isTrusted: boolean;
}

/** A machine that no group takes for now, or that this head does not. */
export interface Bar {
  readonly worker: string;
  /** Null: no head. */
  readonly head: string | null;
  readonly until: number;
}

export interface GroupSnapshot {
  readonly now: number;
  readonly offers: readonly Offer[];
  readonly catalogue: Catalogue;
  /** Ids of models that some machine serves alone. */
  readonly servedAlone: ReadonlySet<string>;
  /** That exist: whose head serves what, and who is taken. */
  readonly groups: readonly { model: string; person: string | null; workers: readonly string[] }[];
  readonly bars: readonly Bar[];
}

/** Its members in the order of their layers, the head first. */
export interface GroupPlan extends Room {
  readonly model: SplitModel;
  readonly kvType: typeof GROUP_KV_TYPE;
  readonly members: readonly { readonly worker: string; readonly firstLayer: number; readonly layers: number }[];
}

/** An agent's prompt and answer fit into the first; below the second there is no use in it. */
const NEEDED: readonly Room[] = [
  { contextTokens: 4_096, slots: 1 },
  { contextTokens: 2_048, slots: 1 },
];
/** What those machines can serve as well, the best first. More slots hide the way between the machines. */
const LADDER: readonly Room[] = [
  { contextTokens: 8_192, slots: 4 },
  { contextTokens: 4_096, slots: 4 },
  { contextTokens: 4_096, slots: 2 },
  ...NEEDED,
];

/** Heads tried for one model of one owner in a decision: where the largest finds no nodes, the next may, rarely. */
const HEADS_TRIED_MAX = 3;
/** Other people's machines that are looked at for a head, those with most memory: three are needed. */
const STRANGERS_MAX = 256;

export function formGroups(snapshot: GroupSnapshot): GroupPlan[] {
  const { catalogue, servedAlone, groups } = snapshot;
  const bars = barsAt(snapshot);
  const taken = new Set(groups.flatMap(({ workers }) => workers));
  const offers = snapshot.offers.filter(({ worker }) => !taken.has(worker) && !bars.isOut(worker)).toSorted(byMemory);
  const own = byOwner(offers);
  const strangers = offers.filter(({ serves }) => serves === "pool").slice(0, STRANGERS_MAX);
  /** Tries by wish; one that is served needs no more. */
  const tried = new Map(groups.map((group) => [wishOf(group), HEADS_TRIED_MAX]));
  const plans: GroupPlan[] = [];
  for (const head of offers.toSorted(byWish)) {
    const model = head.wants === null ? undefined : catalogue.get(head.wants);
    if (!isSplit(model) || servedAlone.has(model.id) || taken.has(head.worker)) continue;
    const wish = wishOf({ model: model.id, person: head.person });
    const tries = tried.get(wish) ?? 0;
    if (tries >= HEADS_TRIED_MAX || !head.files.includes(model.sha256)) continue;
    tried.set(wish, tries + 1);
    const near = head.person === null ? [] : (own.get(head.person) ?? []);
    const far = head.isTrusted ? strangers.filter((node) => !isOwnersOwn(head, node)) : [];
    const mayJoin = (node: Offer) =>
      !taken.has(node.worker) && mayHold(head, node) && !bars.areApart(head.worker, node.worker);
    const plan = planFor(head, model, [...near, ...far].filter(mayJoin));
    if (plan === null) continue;
    plans.push(plan);
    for (const { worker } of plan.members) taken.add(worker);
    tried.set(wish, HEADS_TRIED_MAX);
  }
  return plans;
}

function byOwner(offers: readonly Offer[]): Map<string, Offer[]> {
  const own = new Map<string, Offer[]>();
  for (const offer of offers) {
    if (offer.person === null) continue;
    const known = own.get(offer.person);
    if (known) known.push(offer);
    else own.set(offer.person, [offer]);
  }
  return own;
}

function barsAt({ bars, now }: GroupSnapshot) {
  const inForce = bars.filter(({ until }) => until > now);
  const out = new Set(inForce.flatMap(({ worker, head }) => (head === null ? [worker] : [])));
  const apart = new Set(inForce.map(({ worker, head }) => `${head} ${worker}`));
  return {
    isOut: (worker: string) => out.has(worker),
    areApart: (head: string, node: string) => apart.has(`${head} ${node}`),
  };
}

/**
 * Whether this machine holds layers for that head. Strangers do where both lend to the pool: the node's process is open to
 * the head's, and the head's reads what the node answers.
 */
export function mayHold(
  head: Pick<Offer, "worker" | "person" | "isTrusted" | "serves" | "build">,
  node: Pick<Offer, "worker" | "person" | "serves" | "build">,
): boolean {
  if (head.worker === node.worker || head.build !== node.build) return false;
  return isOwnersOwn(head, node) || (head.isTrusted && head.serves === "pool" && node.serves === "pool");
}

/** Machines that are nobody's have no owner in common. */
export function isOwnersOwn(head: Pick<Offer, "person">, node: Pick<Offer, "person">): boolean {
  return head.person !== null && head.person === node.person;
}

/** Null where no machines make it fit: one, two or three of the others. */
function planFor(head: Offer, model: SplitModel, others: readonly Offer[]): GroupPlan | null {
  for (const needed of NEEDED) {
    const room = within(model, needed);
    const headMost = mostOf(model, head, room, true);
    if (headMost < 1) continue;
    const able = others
      .map((offer) => ({ offer, most: mostOf(model, offer, room, false) }))
      .filter(({ most }) => most >= 1)
      .toSorted((one, other) => byPreference(head, model, one.offer, other.offer));
    const nodes = chooseNodes(able, { layers: model.shape.layers - headMost, nodesMax: GROUP_NODES_MAX });
    if (nodes !== null) return widest(model, [head, ...nodes.map(({ offer }) => offer)]);
  }
  return null;
}

/** The largest rung of the ladder that these machines hold together. */
function widest(model: SplitModel, machines: readonly Offer[]): GroupPlan | null {
  for (const rung of LADDER) {
    const room = within(model, rung);
    const most = machines.map((machine, place) => mostOf(model, machine, room, place === 0));
    const { layers } = model.shape;
    if (most.some((count) => count < 1) || machines.length > layers || sumOf(most) < layers) continue;
    let firstLayer = 0;
    const members = shareLayers(layers, most).map((share, place) => {
      firstLayer += share;
      return { worker: machines[place]!.worker, firstLayer: firstLayer - share, layers: share };
    });
    return { model, ...room, kvType: GROUP_KV_TYPE, members };
  }
  return null;
}

function mostOf(model: SplitModel, { memoryBytes }: Offer, room: Room, holdsOutput: boolean): number {
  return Math.min(layersThatFit(model, { memoryBytes, holdsOutput }, room), model.shape.layers);
}

function within(model: SplitModel, { contextTokens, slots }: Room): Room {
  return { contextTokens: Math.min(contextTokens, model.contextTokens), slots };
}

/** One group of a model and an owner. */
const wishOf = ({ model, person }: { model: string; person: string | null }) => `${model} ${person ?? ""}`;
const byMemory = (one: Offer, other: Offer) =>
  other.memoryBytes - one.memoryBytes || (one.worker < other.worker ? -1 : 1);
/** By model; within one, as they were: who has most memory leads. */
const byWish = (one: Offer, other: Offer) => compare(one.wants ?? "", other.wants ?? "");
const compare = (one: string, other: string) => (one < other ? -1 : one > other ? 1 : 0);
const sumOf = (counts: readonly number[]) => counts.reduce((sum, count) => sum + count, 0);

/** The owner's own first, then those that have the file, then most memory. */
function byPreference(head: Offer, model: SplitModel, one: Offer, other: Offer): number {
  const isBetter = (is: (offer: Offer) => boolean) => Number(is(other)) - Number(is(one));
  return (
    isBetter((offer) => isOwnersOwn(head, offer)) ||
    isBetter((offer) => offer.files.includes(model.sha256)) ||
    byMemory(one, other)
  );
}
