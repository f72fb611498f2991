/** A chain on which something goes on in every contract of ours: proposals, a pending root, a dispute, a requested close. */
import { internal, toNano } from "@ton/core";
import type { Address, Cell, MessageRelaxed, StateInit } from "@ton/core";
import { LOCAL_NETWORK_ID } from "@starai/contracts/chain-config";
import { ContributorAccount, requestUnbondBody, stakeBody } from "@starai/contracts/ContributorAccount";
import { Escrow, escrowBody } from "@starai/contracts/Escrow";
import {
  namePublisherBody,
  plainBody,
  proposeCapBody,
  proposeRootBody,
  relaySlashBody,
} from "@starai/contracts/RewardDistributor";
import { vaultBody } from "@starai/contracts/Vault";
import type { RoleWallet } from "../ton/roles.ts";
import { personOf, TestTon } from "./chain.ts";

export interface BusyChain {
  readonly ton: TestTon;
  readonly ann: RoleWallet;
  readonly deposits: Address;
  readonly refunds: Address;
  readonly distributor: Address;
  /** Ann's: 10 coins staked, 4 of them being unbonded, 2 disputed. */
  readonly account: Address;
  /** Ann's: opened with two keys and a daily cap of 1 coin; its close is requested. */
  readonly escrow: Address;
  /** Ann's, with money and without a key. */
  readonly unopened: Address;
}

/** The caller closes `ton`. */
export async function openBusyChain(): Promise<BusyChain> {
  const ton = await TestTon.open();
  const stack = await ton.ton.deployment();
  const { publisher, guardian, operator } = ton.opened.roles;
  const ann = personOf("ann");
  await ton.opened.faucet.give(ann.wallet.address, toNano(100));

  await ton.sendFrom(operator, sent(stack.deposits, vaultBody.deposit({ userId: 1n }), "200"));
  await ton.sendFrom(operator, sent(stack.deposits, vaultBody.payHot({ amount: toNano(30) })));
  const what = { kind: "setLimits", dailyLimit: toNano(50), poolLimit: toNano(500) } as const;
  await ton.sendFrom(guardian, sent(stack.deposits, vaultBody.propose({ what })));

  const account = new ContributorAccount({ owner: ann.wallet.address, distributor: stack.distributor });
  await ton.sendFrom(ann, sent(account.address, stakeBody(toNano(10)), "10.1", account.init));
  await ton.sendFrom(ann, sent(account.address, requestUnbondBody(toNano(4))));
  const root = proposeRootBody({ epoch: 1, root: 1n, totalCum: toNano(5), dataHash: 2n });
  const slash = relaySlashBody({ owner: ann.wallet.address, amount: toNano(2), reason: 0xabcn });
  const toDistributor = [root, slash, proposeCapBody(toNano(2_000))].map((body) => sent(stack.distributor, body));
  await ton.sendFrom(publisher, ...toDistributor);
  const successor = namePublisherBody({ publisher: ann.wallet.address, dismiss: false });
  await ton.sendFrom(guardian, sent(stack.distributor, successor), sent(stack.distributor, plainBody("Freeze")));

  const [escrow, unopened] = [1, 2].map((key) => escrowOf(ann, stack.till, key));
  await ton.sendFrom(ann, sent(escrow!.address, escrowBody.topUp(), "3", escrow!.init));
  await ton.sendFrom(ann, sent(unopened!.address, escrowBody.topUp(), "1", unopened!.init));
  await ton.sendFrom(ann, sent(escrow!.address, escrowBody.setKey({ sessionKey: keyOf(5), dailyCap: toNano(1) })));
  await ton.sendFrom(ann, sent(escrow!.address, escrowBody.addKey({ sessionKey: keyOf(6) })));
  await ton.sendFrom(ann, sent(escrow!.address, escrowBody.requestClose()));
  return { ton, ann, ...stack, account: account.address, escrow: escrow!.address, unopened: unopened!.address };
}

function escrowOf({ wallet }: RoleWallet, vault: Address, key: number): Escrow {
  return Escrow.of({ owner: wallet.address, vault, providerKey: keyOf(key), networkId: LOCAL_NETWORK_ID });
}

/** A public key that nobody signs with. */
const keyOf = (byte: number): Buffer => Buffer.concat([Buffer.alloc(31, byte), Buffer.alloc(1)]);

/** Values are in coins. */
function sent(to: Address, body: Cell, value = "0.1", init?: StateInit): MessageRelaxed {
  return internal({ to, value: toNano(value), bounce: true, body, ...(init ? { init } : {}) });
}
