/**
 * The dev wallet itself: takes what pages ask over either bridge, waits for the person's word, and answers as a wallet does. It can
 * also play a wallet that fails: one that never answers, answers too late, is on another network, or has another key than its account.
 */
import { randomBytes } from "node:crypto";
import { Address } from "@ton/core";
import { Base64, CONNECT_EVENT_ERROR_CODES as CODES, hexToByteArray, SessionCrypto } from "@tonconnect/protocol";
import { z } from "zod";
import { MessageRefused } from "../ton/chain.ts";
import type { OpenChain } from "../ton/open-chain.ts";
import { strangeKey } from "./accounts.ts";
import type { Accounts } from "./accounts.ts";
import { Approvals } from "./approvals.ts";
import type { Approval, ConnectWish, TransactionWish } from "./approvals.ts";
import type { Bridge } from "./bridge.ts";
import type { Delivery } from "./bridge-routes.ts";
import { addressItem, connectError, connectEvent } from "./connect-answers.ts";
import { readManifest } from "./read-manifest.ts";
import { AppRequest, ConnectRequest, TransactionRequest, WalletRefusal } from "./requests.ts";
import type { Session, Sessions } from "./sessions.ts";
import { signProof } from "./sign-proof.ts";
import { NotNow, Signer } from "./signer.ts";

export const PLAYS = ["lost", "expired", "network", "key"] as const;
/**
 * `lost`: does what was asked and never answers. `expired`: a proof of an hour ago, a transaction too late. `network`: on testnet.
 * `key`: signs with a key that is not the account's, as after its owner changed it elsewhere.
 */
export type Play = (typeof PLAYS)[number];

export interface Verdict {
  readonly approved: boolean;
  /** Raw; the account to connect. */
  readonly account?: string | undefined;
  readonly play: Play | null;
}

type Refusal = { code: number; message: string };
/** What becomes of a request: the person must decide, or the page is told at once. */
type Outcome = { approval: string } | { result: object | string } | { error: Refusal };

/** What a page receives: null when it is to hear nothing. `session` is the injected page's name at this wallet. */
export interface Answer {
  readonly answer: object | null;
  readonly session: string | null;
}

const OTHER_NETWORK = "-3";
const PLAYED_AGE_S = 3_600;
/** How long the bridge keeps an answer. */
const ANSWER_TTL_S = 300;

export class Wallet {
  readonly approvals = new Approvals();
  readonly accounts: Accounts;
  readonly sessions: Sessions;
  readonly signer: Signer;
  readonly #bridge: Bridge;
  readonly #chain: OpenChain["chain"];

  constructor(parts: { opened: OpenChain; accounts: Accounts; sessions: Sessions; bridge: Bridge }) {
    this.accounts = parts.accounts;
    this.sessions = parts.sessions;
    this.signer = new Signer(parts.opened);
    this.#bridge = parts.bridge;
    this.#chain = parts.opened.chain;
  }

  /** A page with the injected wallet wants to connect. Resolves to what the person must decide, or to the answer. */
  async connect(request: unknown, origin: string): Promise<{ approval: string } | Answer> {
    try {
      const domain = new URL(origin).host;
      return { approval: this.approvals.add(await this.#connectWish({ request, origin, domain, app: null })).id };
    } catch (error) {
      return { answer: connectError(this.#bridge.nextId(), refusalOf(error)), session: null };
    }
  }

  /** A link or QR code of a page that wants to connect over the bridge. @throws {WalletRefusal}, which the page hears, too. */
  async openLink(link: { app: string; request: unknown }, origin: string): Promise<{ approval: string }> {
    try {
      return { approval: this.approvals.add(await this.#connectWish({ ...link, origin, domain: null })).id };
    } catch (error) {
      const answer = connectError(this.#bridge.nextId(), refusalOf(error));
      this.#tell(keysOf(new SessionCrypto(), link.app), answer);
      throw error;
    }
  }

  /** A connected page with the injected wallet asks something. */
  ask(session: string, request: unknown): { approval: string } | Answer {
    const found = this.sessions.find(session);
    const { id, outcome } = this.#take(found, request);
    if ("approval" in outcome) return outcome;
    return { answer: { ...outcome, id }, session };
  }

  /** A message from the bridge. False when it is not for this wallet; one that cannot be read is dropped. */
  deliver({ from, to, message }: Delivery): boolean {
    const session = this.sessions.find(to);
    if (!session?.bridge) return false;
    const { bridge } = session;
    if (bridge.app !== from) return true;
    const request = decrypted(cryptoOf(session.id, bridge.secretKey), from, message);
    if (request === null) return true;
    const { id, outcome } = this.#take(session, request);
    if (!("approval" in outcome)) this.#tell({ ...bridge, id: session.id }, { ...outcome, id });
    return true;
  }

  /** The connect event of a page that was connected before it was loaded again. */
  restore(id: string): object {
    const session = this.sessions.find(id);
    const account = session && this.accounts.find(session.account);
    if (!session || !account)
      return connectError(this.#bridge.nextId(), { code: CODES.UNKNOWN_APP_ERROR, message: "not connected" });
    const told = { network: session.network, publicKey: account.wallet.publicKey };
    return connectEvent(this.#bridge.nextId(), [addressItem(account, told)]);
  }

  /** Ends a connection from the wallet's side. */
  disconnect(id: string): void {
    const session = this.#forget(id);
    if (session?.bridge)
      this.#tell({ ...session.bridge, id }, { event: "disconnect", id: this.#bridge.nextId(), payload: {} });
  }

  /** The person's word. Null when it was given already or the page waits no more. @throws {NotNow}: it still waits then */
  async decide(id: string, verdict: Verdict): Promise<Answer | null> {
    const approval = this.approvals.take(id);
    if (!approval) return null;
    try {
      return await this.#answer(approval, verdict);
    } catch (error) {
      if (error instanceof NotNow) this.approvals.putBack(approval);
      throw error;
    }
  }

  async #answer({ wish }: Approval, verdict: Verdict): Promise<Answer> {
    if (wish.kind === "connect") return this.#connected(wish, verdict);
    const { session, id } = wish;
    const outcome = await this.#signed(wish, verdict).catch((error: unknown) => {
      if (error instanceof NotNow) throw error;
      return errorOf(error);
    });
    const answer = outcome && { ...outcome, id };
    if (answer && session.bridge) this.#tell({ ...session.bridge, id: session.id }, answer);
    return { answer, session: session.id };
  }

  #connected(wish: ConnectWish, { approved, account: address, play }: Verdict): Answer {
    const account = address === undefined ? this.accounts.all[0]! : this.accounts.find(address);
    const keys = wish.app === null ? null : keysOf(new SessionCrypto(), wish.app);
    if (!approved || !account) {
      const answer = connectError(this.#bridge.nextId(), refused);
      if (keys) this.#tell(keys, answer);
      return { answer, session: null };
    }
    const { network, items } = this.#connectItems(wish, account, play);
    const id = keys?.id ?? randomBytes(32).toString("hex");
    const bridge = keys && { app: keys.app, secretKey: keys.secretKey };
    const { appName, domain } = wish;
    this.sessions.add({ id, bridge, appName, domain, account: account.wallet.address.toRawString(), network });
    const answer = play === "lost" ? null : connectEvent(this.#bridge.nextId(), items);
    if (answer && keys) this.#tell(keys, answer);
    return { answer, session: id };
  }

  #connectItems({ proof, domain }: ConnectWish, account: Accounts["all"][number], play: Play | null) {
    const { address, publicKey: own } = account.wallet;
    const { secretKey, publicKey } = play === "key" ? strangeKey() : { ...account, publicKey: own };
    const network = play === "network" ? OTHER_NETWORK : String(this.#chain.networkId);
    const timestamp = this.#chain.nowS() - (play === "expired" ? PLAYED_AGE_S : 0);
    const items = [
      addressItem(account, { network, publicKey }),
      ...(proof === null ? [] : [signProof({ address, secretKey, domain, payload: proof, timestamp })]),
    ];
    return { network, items };
  }

  /** Null when the page is to hear nothing. @throws {WalletRefusal | NotNow} */
  async #signed(
    { session, request }: TransactionWish,
    { approved, play }: Verdict,
  ): Promise<{ result: string } | null> {
    if (!approved) throw new WalletRefusal(CODES.USER_REJECTS_ERROR, refused.message);
    if (!this.sessions.find(session.id))
      throw new WalletRefusal(CODES.UNKNOWN_APP_ERROR, "the page is not connected any more");
    if (play === "network") throw new WalletRefusal(CODES.BAD_REQUEST_ERROR, "the wallet is on another network");
    if (play === "expired" || this.#isLate(request)) throw late();
    const account = this.accounts.find(session.account);
    if (!account) throw new WalletRefusal(CODES.UNKNOWN_APP_ERROR, "the wallet has this account no more");
    const { secretKey } = play === "key" ? strangeKey() : account;
    const result = await this.signer.send(account, secretKey, request);
    return play === "lost" ? null : { result };
  }

  /** Reads a request of a connected page: what the person must decide, or what the page is told at once. */
  #take(session: Session | null, asked: unknown): { id: string; outcome: Outcome } {
    const parsed = AppRequest.safeParse(asked);
    if (!parsed.success) return { id: "", outcome: errorOf(badRequest("not a request of TON Connect")) };
    const { id } = parsed.data;
    try {
      return { id, outcome: this.#outcome(session, parsed.data) };
    } catch (error) {
      return { id, outcome: errorOf(error) };
    }
  }

  #outcome(session: Session | null, { method, params, id }: AppRequest): Outcome {
    if (!session) throw new WalletRefusal(CODES.UNKNOWN_APP_ERROR, "the page is not connected to this wallet");
    if (method === "disconnect") {
      this.#forget(session.id);
      return { result: {} };
    }
    if (method !== "sendTransaction")
      throw new WalletRefusal(CODES.METHOD_NOT_SUPPORTED, `the dev wallet does not know the method ${method}`);
    const request = this.#transaction(session, params[0] ?? "");
    return { approval: this.approvals.add({ kind: "transaction", session, request, id }).id };
  }

  #transaction(session: Session, text: string): TransactionRequest {
    const parsed = TransactionRequest.safeParse(jsonOf(text));
    if (!parsed.success) throw badRequest(z.prettifyError(parsed.error));
    const { network, from } = parsed.data;
    this.#assertNetwork(network);
    if (from !== undefined && !isSame(from, session.account)) throw badRequest("the request is from another account");
    if (this.#isLate(parsed.data)) throw late();
    return parsed.data;
  }

  /** `domain` is null where the wallet knows it from the manifest only. */
  async #connectWish(asked: { request: unknown; origin: string; domain: string | null; app: string | null }) {
    const parsed = ConnectRequest.safeParse(asked.request);
    if (!parsed.success) throw badRequest("not a connect request of TON Connect, version 2");
    const { manifestUrl, items } = parsed.data;
    this.#assertNetwork(items.find((item) => item.name === "ton_addr")?.network);
    const { name, url } = await readManifest(manifestUrl, asked.origin);
    const proof = items.find((item) => item.name === "ton_proof")?.payload ?? null;
    const domain = asked.domain ?? new URL(url).host;
    return { kind: "connect", appName: name, domain, proof, app: asked.app } satisfies ConnectWish;
  }

  #assertNetwork(wanted: string | undefined): void {
    const own = String(this.#chain.networkId);
    if (wanted !== undefined && wanted !== own)
      throw badRequest(`the request is for network ${wanted}, and the wallet is on ${own}`);
  }

  #isLate({ valid_until: until }: TransactionRequest): boolean {
    return until !== undefined && until <= this.#chain.nowS();
  }

  #forget(id: string): Session | null {
    this.approvals.forgetOf(id);
    return this.sessions.remove(id);
  }

  #tell({ id, app, secretKey }: BridgeKeys, message: object): void {
    const encrypted = cryptoOf(id, secretKey).encrypt(JSON.stringify(message), hexToByteArray(app));
    this.#bridge.post(app, { from: id, message: Base64.encode(encrypted), ttlS: ANSWER_TTL_S });
  }
}

/** Keys of one connection over the bridge, hex: the wallet's public key `id` and its secret, and the page's public key. */
interface BridgeKeys {
  readonly id: string;
  readonly app: string;
  readonly secretKey: string;
}

const refused = { code: CODES.USER_REJECTS_ERROR, message: "the person refused" };
const badRequest = (message: string) => new WalletRefusal(CODES.BAD_REQUEST_ERROR, message);
const late = () => badRequest("the request has expired: nothing was sent");

function keysOf(crypto: SessionCrypto, app: string): BridgeKeys {
  return { id: crypto.sessionId, app, secretKey: crypto.stringifyKeypair().secretKey };
}

function cryptoOf(publicKey: string, secretKey: string): SessionCrypto {
  return new SessionCrypto({ publicKey, secretKey });
}

/** @throws what is not a refusal */
function refusalOf(error: unknown): Refusal {
  if (error instanceof WalletRefusal) return error;
  if (error instanceof MessageRefused)
    return { code: CODES.UNKNOWN_ERROR, message: `the network refused it, nothing was sent: ${error.message}` };
  throw error;
}

function errorOf(error: unknown): { error: Refusal } {
  const { code, message } = refusalOf(error);
  return { error: { code, message } };
}

/** Null when it was not encrypted for this key. */
function decrypted(crypto: SessionCrypto, from: string, message: string): unknown {
  try {
    return jsonOf(crypto.decrypt(Base64.decode(message).toUint8Array(), hexToByteArray(from)));
  } catch {
    return null;
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function isSame(address: string, raw: string): boolean {
  try {
    return Address.parse(address).toRawString() === raw;
  } catch {
    return false;
  }
}
