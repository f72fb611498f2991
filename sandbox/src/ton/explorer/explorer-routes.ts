/** The explorer's JSON routes and page. Read-only; inputs are addresses, hashes, logical times and page marks. */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { Address } from "@ton/core";
import { Hono } from "hono";
import type { TonClient } from "@ton/ton";
import { z } from "zod";
import { COIN_NAME } from "@starai/contracts/coin";
import type { ChainClock } from "../chain-clock.ts";
import type { StoredTransaction } from "../history.ts";
import { AddressInput, HashInput, LtInput } from "../toncenter/inputs.ts";
import { receivingTransaction } from "../toncenter/locate.ts";
import { describeMessage, describeTransaction } from "./describe.ts";
import type { ExplorerContext } from "./describe.ts";
import { Facts } from "./facts.ts";
import { holdingsOf } from "./holdings.ts";
import { rootOf, treeOf } from "./trees.ts";

const PAGE_SIZE = 20;
const ACCOUNTS_MAX = 200;
/** Transactions one request may look back over; reading one from disk takes a fraction of a millisecond. */
const LOOK_BACK_MAX = 2_000;
const OWN = fileURLToPath(new URL("../page", import.meta.url));
/** Style files and helpers shared with the simulator's page. */
const SHARED = fileURLToPath(new URL("../../page", import.meta.url));
const SHARED_FILES = new Set(["tokens.css", "elements.js", "preferences.js", "icon.svg"]);
const TYPES: Record<string, string> = {
  js: "text/javascript",
  css: "text/css",
  svg: "image/svg+xml",
  html: "text/html",
};
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

export function explorerRoutes(
  context: ExplorerContext,
  { clock, client }: { clock: ChainClock; client: TonClient },
): Hono {
  const { chain, names } = context;
  const { history } = chain;
  return new Hono()
    .get("/explorer/overview", (c) => {
      const mark = z.coerce.number().int().nonnegative().max(history.transactionCount).catch(history.transactionCount);
      return c.json({
        network: chain.networkId,
        nowS: chain.nowS(),
        movedS: Math.floor(clock.offsetMs / 1_000),
        block: history.lastBlock.seqno,
        transactions: history.transactionCount,
        accounts: history.accountCount,
        waiting: history.queueLength,
        known: names.known.map(({ address, name }) => ({ ...accountLine(context, address), name })),
        ...rootsBefore(context, mark.parse(c.req.query("before"))),
      });
    })
    .get("/explorer/accounts", (c) => {
      const accounts = [];
      for (const { address } of history.accountsByActivity()) {
        if (accounts.push(accountLine(context, address)) === ACCOUNTS_MAX) break;
      }
      return c.json({ accounts, left: Math.max(0, history.accountCount - accounts.length) });
    })
    .get("/explorer/account/:address", async (c) => {
      const address = AddressInput.safeParse(c.req.param("address"));
      const before = LtInput.optional().safeParse(c.req.query("before"));
      if (!address.success || !before.success) return c.json({ error: "address" }, 422);
      const line = accountLine(context, address.data.toRawString());
      return c.json({
        ...line,
        nowS: chain.nowS(),
        holdings: await holdingsOf(client, new Facts(names, chain.nowS()), { ...line, address: address.data }),
        ...historyOf(context, address.data, before.data),
      });
    })
    .get("/explorer/hash/:hash", (c) => {
      const hash = HashInput.safeParse(c.req.param("hash"));
      const lt = hash.success ? ltOfHash(context, hash.data) : null;
      return lt === null ? c.json({ error: "transaction" }, 404) : c.json({ lt: lt.toString() });
    })
    .get("/explorer/tree/:lt", (c) => {
      const lt = LtInput.safeParse(c.req.param("lt"));
      const found = lt.success ? history.transactionAt(lt.data)?.found : null;
      return found ? c.json(treeOf(context, rootOf(context, found))) : c.json({ error: "transaction" }, 404);
    });
}

function accountLine({ chain, names }: ExplorerContext, raw: string) {
  const address = Address.parseRaw(raw);
  const shardAccount = chain.account(address);
  const { account } = shardAccount;
  const state = account?.storage.state;
  return {
    ...names.party(address),
    raw,
    balance: (account?.storage.balance.coins ?? 0n).toString(),
    state: state?.type ?? "none",
    contract: names.contractOf(shardAccount),
    codeHash: state?.type === "active" ? (state.state.code?.hash().toString("hex") ?? null) : null,
    cells: Number(account?.storageStats.used.cells ?? 0n),
  };
}

/** The lt of a transaction's hash, searched for among the newest ones, since hashes are not indexed. */
function ltOfHash({ chain: { history } }: ExplorerContext, hash: string): bigint | null {
  const oldest = Math.max(0, history.transactionCount - LOOK_BACK_MAX);
  for (let index = history.transactionCount - 1; index >= oldest; index--) {
    const { transaction } = history.transaction(index);
    if (transaction.hash().toString("hex") === hash) return transaction.lt;
  }
  return null;
}

/** First transactions of message trees before the mark, newest first. */
function rootsBefore(context: ExplorerContext, before: number) {
  const roots = [];
  const end = Math.max(0, before - LOOK_BACK_MAX);
  let index = before;
  while (index > end && roots.length < PAGE_SIZE) {
    const stored = context.chain.history.transaction(--index);
    if (stored.transaction.inMessage?.info.type !== "internal") roots.push(lineOf(context, stored));
  }
  return { roots, next: index > 0 ? index : null };
}

/** A transaction's row, with the messages it sent. */
function lineOf(context: ExplorerContext, stored: StoredTransaction) {
  return { ...describeTransaction(context, stored), sends: sendsOf(context, stored) };
}

function historyOf(context: ExplorerContext, address: Address, before: bigint | undefined) {
  const { history } = context.chain;
  const transactions = [];
  const [first] = history.transactionsOf(address.toRawString(), before ?? null);
  for (const stored of history.transactionsOf(address.toRawString(), before ?? null)) {
    if (before !== undefined && stored === first) continue;
    transactions.push(lineOf(context, stored));
    if (transactions.length === PAGE_SIZE) break;
  }
  return { transactions, next: transactions.length === PAGE_SIZE ? transactions.at(-1)!.lt : null };
}

/** Sent messages shown in a row; a wallet's batch has up to 255. */
const SENDS_SHOWN_MAX = 4;

function sendsOf(context: ExplorerContext, { account, transaction }: StoredTransaction) {
  const sent = transaction.outMessages.values().filter(({ info }) => info.type === "internal");
  const told = sent.slice(0, SENDS_SHOWN_MAX).map((message) => {
    const child =
      message.info.type === "internal" && receivingTransaction(context.chain.history, account, message.info.createdLt);
    return {
      message: describeMessage(context, message),
      outcome: child ? describeTransaction(context, child).outcome : null,
    };
  });
  return { told, more: sent.length - told.length };
}

export function explorerPage(): Hono {
  return new Hono()
    .get("/", () => send(`${OWN}/index.html`, (page) => page.replace("{COIN_NAME}", COIN_NAME)))
    .get("/page/:name{[a-z-]+\\.(?:js|css|svg)}", (c) => {
      const name = c.req.param("name");
      return send(`${SHARED_FILES.has(name) ? SHARED : OWN}/${name}`);
    });
}

async function send(file: string, filled = (text: string) => text): Promise<Response> {
  const body = await readFile(file, "utf8").catch(() => null);
  if (body === null) return new Response("Not found", { status: 404 });
  const type = TYPES[file.slice(file.lastIndexOf(".") + 1)];
  return new Response(filled(body), {
    headers: {
      "content-type": `${type}; charset=utf-8`,
      "content-security-policy": POLICY,
      "cache-control": "no-cache",
      "x-content-type-options": "nosniff",
    },
  });
}
