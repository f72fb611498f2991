/** `npm run chain` alone, in a folder and on a port of its own, and `npm run ton` against it. No server of ours runs. */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { internal, SendMode } from "@ton/core";
import type { Address, Sender } from "@ton/core";
import { mnemonicToPrivateKey } from "@ton/crypto";
import { TonClient, WalletContractV5R1 } from "@ton/ton";
import { LOCAL_NETWORK_ID } from "@starai/contracts/chain-config";
import { run } from "@starai/contracts/cli";
import { readDeployment } from "../src/ton/deployment.ts";
import type { Deployment } from "../src/ton/deployment.ts";
import { openLink } from "../src/ton/link-wallet.ts";
import { walletOf } from "../src/ton/roles.ts";
import type { Role, RoleWallet } from "../src/ton/roles.ts";

export const CHAIN_MAIN = fileURLToPath(new URL("../src/ton/main.ts", import.meta.url));
const WAIT_MS = 60_000;

export class LoneChain {
  readonly home: string;
  readonly #env: Readonly<Record<string, string>>;
  readonly #isOurs: boolean;
  #process!: ChildProcess;
  origin = "";

  private constructor(home: string, env: Readonly<Record<string, string>>, isOurs: boolean) {
    this.home = home;
    this.#env = env;
    this.#isOurs = isOurs;
  }

  /** Resolves when it says where it listens; StarAI's contracts are deployed then. */
  static async start(env: Readonly<Record<string, string>> = {}): Promise<LoneChain> {
    const chain = new LoneChain(await mkdtemp(path.join(os.tmpdir(), "starai-lone-")), env, true);
    await chain.resume();
    return chain;
  }

  /** The chain that a stopped stack has in its folder, which stays there. */
  static async over(home: string): Promise<LoneChain> {
    const chain = new LoneChain(home, {}, false);
    await chain.resume();
    return chain;
  }

  /** Starts it again on the state it has kept. */
  async resume(): Promise<void> {
    const child = spawn(process.execPath, ["--import", "tsx", CHAIN_MAIN], {
      env: { ...process.env, STARAI_HOME: this.home, CHAIN_PORT: "0", ...this.#env },
      stdio: ["ignore", "pipe", "inherit"],
    });
    this.#process = child;
    this.origin = await new Promise<string>((resolve, reject) => {
      let said = "";
      child.stdout.on("data", (text) => {
        said += String(text);
        const found = /Open\s+(http:\/\/[\d.:]+)[^\d.:]/.exec(said)?.[1];
        if (found) resolve(found);
      });
      child.once("exit", (code) => reject(new Error(`the chain ended with ${code}: ${said}`)));
    });
  }

  /** Ends it as Ctrl-C does, and returns its exit code. */
  async stop(): Promise<number | null> {
    if (this.#process.exitCode !== null) return this.#process.exitCode;
    const ended = new Promise<number | null>((resolve) => this.#process.once("exit", resolve));
    this.#process.kill("SIGINT");
    return ended;
  }

  get deployment(): Deployment {
    return readDeployment(path.join(this.home, "ton"))!;
  }

  get endpoint(): string {
    return `${this.origin}/ton/api/v2/jsonRPC`;
  }

  client(): TonClient {
    return new TonClient({ endpoint: this.endpoint });
  }

  /** The wallet of a role of the sandbox. */
  role(role: Role): RoleWallet {
    const seeds = JSON.parse(readFileSync(path.join(this.home, "ton", "roles.json"), "utf8")) as Record<Role, string>;
    return walletOf(seeds[role]);
  }

  /** Chain time, UNIX seconds. */
  async nowS(): Promise<number> {
    return ((await (await fetch(`${this.origin}/ton/time`)).json()) as { nowS: number }).nowS;
  }

  async advance(seconds: number): Promise<void> {
    await this.#post("time", { advanceS: seconds });
  }

  async give(to: Address, nano: bigint): Promise<void> {
    await this.#post("faucet", { address: to.toString(), amount: nano.toString() });
  }

  /** The wallet of these words, with some money in it. */
  async fundedWallet(mnemonic: string[], nano = 50_000_000_000n): Promise<RoleWallet> {
    const { publicKey, secretKey } = await mnemonicToPrivateKey(mnemonic);
    const wallet = WalletContractV5R1.create({ publicKey, walletId: { networkGlobalId: LOCAL_NETWORK_ID } });
    await this.give(wallet.address, nano);
    return { wallet, secretKey };
  }

  /** Output of `npm run ton -- <words>` with these words of a wallet, or without any. */
  async ton(mnemonic: string[] | null, words: readonly string[]): Promise<string> {
    const lines: string[] = [];
    const env = mnemonic ? { TON_MNEMONIC: mnemonic.join(" ") } : {};
    await run([...words, "--endpoint", this.endpoint], env, (line) => lines.push(line));
    return lines.join("\n");
  }

  /** The link that a command prints for this person, who gives no words away. */
  async linkOf(person: RoleWallet, ...words: string[]): Promise<string> {
    const said = await this.ton(null, [...words, "--owner", person.wallet.address.toString(), "--link"]);
    const link = said.split("\n").find((line) => line.startsWith("ton://"));
    if (!link) throw new Error(`no link was printed: ${said}`);
    return link;
  }

  /** Prints a link, opens it in the person's wallet, and waits until `holds`. */
  async byLink(person: RoleWallet, words: string[], holds: () => Promise<boolean>): Promise<void> {
    const link = await this.linkOf(person, ...words);
    await openLink({ ...person, client: this.client() }, link, await this.nowS());
    await this.until(`${words[0]} has its effect`, holds);
  }

  /** A wallet as a sender whose signatures are dated by the chain's clock. */
  sender({ wallet, secretKey }: RoleWallet): Sender {
    const send: Sender["send"] = async (message) => {
      const client = this.client();
      const seqno = (await client.isContractDeployed(wallet.address)) ? await client.open(wallet).getSeqno() : 0;
      const messages = [internal({ ...message, body: message.body ?? undefined, init: message.init ?? undefined })];
      const timeout = (await this.nowS()) + 60;
      const sendMode = SendMode.PAY_GAS_SEPARATELY;
      await client.open(wallet).send(wallet.createTransfer({ seqno, secretKey, timeout, sendMode, messages }));
    };
    return { address: wallet.address, send };
  }

  async until(what: string, holds: () => Promise<boolean>): Promise<void> {
    for (const end = performance.now() + WAIT_MS; performance.now() < end;) {
      if (await holds().catch(() => false)) return;
      await new Promise((next) => setTimeout(next, 100));
    }
    throw new Error(`timed out waiting until ${what}`);
  }

  async #post(where: string, body: object): Promise<void> {
    const headers = { "content-type": "application/json" };
    const answer = await fetch(`${this.origin}/ton/${where}`, { method: "POST", headers, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`the chain answered ${answer.status}: ${await answer.text()}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    if (this.#isOurs) await rm(this.home, { recursive: true, force: true });
  }
}
