/** What the wallet's page shows: accounts, connections, and in words what is about to be signed. Amounts are decimal nano units. */
import { Address } from "@ton/core";
import { internal } from "@ton/sandbox";
import { describeMessage } from "../ton/explorer/describe.ts";
import type { ExplorerContext } from "../ton/explorer/describe.ts";
import type { RoleWallet } from "../ton/roles.ts";
import type { Approval, Wish } from "./approvals.ts";
import type { WishedMessage } from "./requests.ts";
import type { Wallet } from "./wallet.ts";

export function describeWallet({ explorer }: Explained, wallet: Wallet) {
  return {
    network: explorer.chain.networkId,
    accounts: wallet.accounts.all.map((account) => accountOf(wallet, account)),
    sessions: wallet.sessions.all.map(({ id, appName, domain, account }) => ({ id, appName, domain, account })),
    // The page of an injected wallet shows its own.
    approvals: wallet.approvals.pending.filter(({ wish }) => isOfBridge(wish)).map(({ id }) => id),
  };
}

export function describeApproval({ explorer }: Explained, wallet: Wallet, { id, wish }: Approval) {
  const accounts = wallet.accounts.all.map((account) => accountOf(wallet, account));
  if (wish.kind === "connect") {
    const { kind, appName, domain, proof } = wish;
    return { id, kind, appName, domain, proves: proof !== null, accounts };
  }
  const { session, request } = wish;
  return {
    id,
    kind: wish.kind,
    appName: session.appName,
    domain: session.domain,
    accounts: accounts.filter(({ raw }) => raw === session.account),
    validUntil: request.valid_until ?? null,
    total: request.messages.reduce((sum, { value }) => sum + value, 0n).toString(),
    messages: request.messages.map((message) => messageOf(explorer, session.account, message)),
  };
}

interface Explained {
  readonly explorer: ExplorerContext;
}

function isOfBridge(wish: Wish): boolean {
  return wish.kind === "connect" ? wish.app !== null : wish.session.bridge !== null;
}

/** Friendly as people pass it on: a wallet's, so not bounceable, and not for mainnet. */
function accountOf(wallet: Wallet, account: RoleWallet) {
  const { address } = account.wallet;
  return {
    address: address.toString({ bounceable: false, testOnly: true }),
    raw: address.toRawString(),
    balance: wallet.signer.balanceOf(account).toString(),
  };
}

function messageOf(explorer: ExplorerContext, from: string, { to, bounce, value, body, init }: WishedMessage) {
  const sent = {
    from: Address.parseRaw(from),
    to,
    value,
    bounce,
    ...(body && { body }),
    ...(init && { stateInit: init }),
  };
  const { names, chain } = explorer;
  return { ...describeMessage(explorer, internal(sent)), bounce, contract: names.contractOf(chain.account(to)) };
}
