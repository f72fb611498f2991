/** Message trees: all transactions that one signed message caused, found from any one of them. */
import { sendingTransaction, receivingTransaction } from "../toncenter/locate.ts";
import type { StoredTransaction } from "../history.ts";
import { describeTransaction } from "./describe.ts";
import type { ExplorerContext, DescribedTransaction } from "./describe.ts";

/** Size limits, above a wallet's batch of 255 messages; larger trees continue at their inner transactions. */
const NODES_MAX = 300;
const HEIGHT_MAX = 200;

export interface Tree extends DescribedTransaction {
  readonly children: readonly Tree[];
  /** Messages sent but not delivered (yet), or left out because the tree is too large. */
  readonly pending: number;
}

/** The tree's first transaction, caused by a signed message or by the network. */
export function rootOf({ chain }: ExplorerContext, from: StoredTransaction): StoredTransaction {
  let root = from;
  for (let height = 0; height < HEIGHT_MAX; height++) {
    const info = root.transaction.inMessage?.info;
    const parent = info?.type === "internal" ? sendingTransaction(chain.history, info.createdLt) : null;
    if (!parent) return root;
    root = parent;
  }
  return root;
}

export function treeOf(context: ExplorerContext, root: StoredTransaction): Tree {
  let left = NODES_MAX;
  const grow = (stored: StoredTransaction): Tree => {
    left -= 1;
    const sent = stored.transaction.outMessages.values().filter(({ info }) => info.type === "internal");
    const children: Tree[] = [];
    for (const { info } of sent) {
      if (info.type !== "internal" || left <= 0) break;
      const child = receivingTransaction(context.chain.history, stored.account, info.createdLt);
      if (child) children.push(grow(child));
    }
    return { ...describeTransaction(context, stored), children, pending: sent.length - children.length };
  };
  return grow(root);
}
