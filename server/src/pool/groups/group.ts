/**
 * A group while it lives. Its nodes prepare first; when all are ready the head loads, and when that is done it is up.
 * Whatever ends it ends it for good: what is formed anew is another group.
 */
import { randomBytes, randomUUID } from "node:crypto";
import type { DirectAddress, GroupFrame, GroupPart } from "@starai/protocol/split";
import type { GroupMember } from "../../db/group-member.ts";
import type { GroupPlan } from "../../scheduler/groups/form-groups.ts";
import type { ConnectedWorker } from "../connected-worker.ts";

/** One machine of it. */
export interface Member {
  readonly connected: ConnectedWorker;
  /** Whose it was when the group was formed. */
  readonly person: string | null;
  readonly firstLayer: number;
  readonly layers: number;
  /** Shared with the head; the head's own is not used. */
  readonly secret: string;
  state: "waiting" | "preparing" | "ready" | "ended";
  /** The share of its preparation that is done. */
  done: number;
  /** When it was given its part, or its preparation went on last. */
  roseAt: number;
  direct: DirectAddress | null;
}

export class Group {
  readonly id = randomUUID();
  readonly plan: GroupPlan;
  /** In the order of their layers, the head first. */
  readonly members: readonly Member[];
  readonly formedAt: number;
  phase: "nodes" | "head" | "up" | "ended" = "nodes";

  /** @param machines  in the plan's order */
  constructor(plan: GroupPlan, machines: readonly Pick<Member, "connected" | "person">[], now: number) {
    this.plan = plan;
    this.formedAt = now;
    this.members = plan.members.map(({ firstLayer, layers }, place) => ({
      ...machines[place]!,
      firstLayer,
      layers,
      secret: randomBytes(32).toString("hex"),
      state: "waiting",
      done: 0,
      roseAt: now,
      direct: null,
    }));
  }

  get head(): Member {
    return this.members[0]!;
  }

  get nodes(): readonly Member[] {
    return this.members.slice(1);
  }

  memberOf(connected: ConnectedWorker): Member | undefined {
    return this.members.find((member) => member.connected === connected);
  }

  /** Tells a member its part. False where it is not connected any more. */
  send(member: Member, now: number): boolean {
    member.state = "preparing";
    member.roseAt = now;
    const { model, contextTokens, slots, kvType } = this.plan;
    const part = member === this.head ? this.#headPart() : this.#nodePart(member);
    const frame: GroupFrame = {
      type: "group",
      group: this.id,
      model: model.id,
      sha256: model.sha256,
      contextTokens,
      slots,
      kvType,
      part,
    };
    return member.connected.sender.send(frame);
  }

  /** What each computes for a token, by which their pay is divided. */
  work(): GroupMember[] {
    const { shape } = this.plan.model;
    return this.members.map(({ connected, layers }, place) => ({
      worker: connected.id,
      name: connected.facts.name,
      layers,
      work: Math.round((shape.layerBytes * layers) / shape.layers) + (place === 0 ? shape.outputBytes : 0),
    }));
  }

  #headPart(): GroupPart {
    const nodes = this.nodes.map((node) => ({
      worker: node.connected.id,
      name: node.connected.facts.name,
      layers: node.layers,
      secret: node.secret,
      direct: this.#directOf(node),
    }));
    return { kind: "head", layers: this.head.layers, nodes };
  }

  /** For a head of the same network alone: any other would only learn the node's local addresses, and try them in vain. */
  #directOf(node: Member): DirectAddress | null {
    const { address } = node.connected;
    return address !== null && address === this.head.connected.address ? node.direct : null;
  }

  #nodePart(member: Member): GroupPart {
    const { id: worker, facts } = this.head.connected;
    const { firstLayer, layers, secret } = member;
    return {
      kind: "node",
      place: this.nodes.indexOf(member),
      firstLayer,
      layers,
      head: { worker, name: facts.name },
      secret,
    };
  }
}
