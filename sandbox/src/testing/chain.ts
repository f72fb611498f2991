/** A chain in its own folder behind an unmodified `TonClient`, without a port: requests go straight to the routes. */
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { keyPairFromSeed, sha256_sync } from "@ton/crypto";
import { SendMode } from "@ton/core";
import type { MessageRelaxed } from "@ton/core";
import { WalletContractV5R1 } from "@ton/ton";
import type { TonClient } from "@ton/ton";
import { LOCAL_NETWORK_ID } from "@starai/contracts/chain-config";
import { ChainClock } from "../ton/chain-clock.ts";
import { localClient } from "../ton/local-client.ts";
import { Ton } from "../ton/ton.ts";
import type { OpenChain } from "../ton/open-chain.ts";
import type { RoleWallet } from "../ton/roles.ts";

export class TestTon {
  readonly folder: string;
  ton!: Ton;
  client!: TonClient;
  opened!: OpenChain;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async open(): Promise<TestTon> {
    const test = new TestTon(await mkdtemp(path.join(os.tmpdir(), "starai-ton-")));
    await test.reopen();
    return test;
  }

  /** Opens or reopens the chain in the same folder. */
  async reopen(): Promise<void> {
    await this.close();
    this.ton = new Ton({ folder: this.folder, clock: new ChainClock(this.folder) });
    this.opened = await this.ton.open();
    this.client = localClient(this.opened.routes);
  }

  async close(): Promise<void> {
    await this.ton?.[Symbol.asyncDispose]();
  }

  /** Signs one transfer of these messages and waits until all that they cause has happened. */
  async sendFrom({ wallet, secretKey }: RoleWallet, ...messages: MessageRelaxed[]): Promise<void> {
    const { chain } = this.opened;
    const deployed = await this.client.isContractDeployed(wallet.address);
    const transfer = wallet.createTransfer({
      seqno: deployed ? await this.client.open(wallet).getSeqno() : 0,
      secretKey,
      sendMode: SendMode.PAY_GAS_SEPARATELY,
      timeout: chain.nowS() + 60,
      messages,
    });
    await this.client.open(wallet).send(transfer);
    await chain.settled();
  }

  post(where: string, body: unknown): Promise<Response> {
    return post(this.ton, where, typeof body === "string" ? body : JSON.stringify(body));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}

async function post(ton: Ton, where: string, body: string): Promise<Response> {
  return ton.routes.request(`/ton${where}`, { method: "POST", body, headers: { "content-type": "application/json" } });
}

/** A person's wallet, made from a word. */
export function personOf(word: string): RoleWallet {
  const { publicKey, secretKey } = keyPairFromSeed(sha256_sync(word));
  return {
    wallet: WalletContractV5R1.create({ publicKey, walletId: { networkGlobalId: LOCAL_NETWORK_ID } }),
    secretKey,
  };
}
