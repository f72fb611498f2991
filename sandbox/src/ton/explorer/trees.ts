/** From any transaction to the whole tree it belongs to: what one signed message caused, transaction by transaction. */
import { sourceOf, resultOf } from "../toncenter/locate.ts";
import type { StoredTransaction } from "../history.ts";
import { tellTransaction } from "./describe.ts";
import type { Teller, ToldTransaction } from "./describe.ts";

/** A wallet's batch has 255 messages; what is deeper or wider is opened from its own transaction. */
const NODES_MAX = 300;
const HEIGHT_MAX = 200;

export interface Tree extends ToldTransaction {
  readonly children: readonly Tree[];
  /** Messages sent but not delivered (yet), or left out because the tree is too large. */
  readonly pending: number;
}

/** The transaction at the top: the one a signed message, or the network, began. */
export function rootOf({ chain }: Teller, from: StoredTransaction): StoredTransaction {
  let root = from;
  for (let height = 0; height < HEIGHT_MAX; height++) {
    const info = root.transaction.inMessage?.info;
    const parent = info?.type === "internal" ? sourceOf(chain.history, info.createdLt) : null;
    if (!parent) return root;
    root = parent;
  }
  return root;
}

export function treeOf(teller: Teller, root: StoredTransaction): Tree {
  let left = NODES_MAX;
  const grow = (stored: StoredTransaction): Tree => {
    left -= 1;
    const sent = stored.transaction.outMessages.values().filter(({ info }) => info.type === "internal");
    const children: Tree[] = [];
    for (const { info } of sent) {
      if (info.type !== "internal" || left <= 0) break;
      const child = resultOf(teller.chain.history, stored.account, info.createdLt);
      if (child) children.push(grow(child));
    }
    return { ...tellTransaction(teller, stored), children, pending: sent.length - children.length };
  };
  return grow(root);
}
