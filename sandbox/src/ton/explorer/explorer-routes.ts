/** The explorer's JSON and its page. Reads only; everything that arrives is an address, a logical time or a page's mark. */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { Address } from "@ton/core";
import { Hono } from "hono";
import { z } from "zod";
import type { ChainClock } from "../chain-clock.ts";
import type { StoredTransaction } from "../history.ts";
import { AddressInput, HashInput, LtInput } from "../toncenter/inputs.ts";
import { resultOf } from "../toncenter/locate.ts";
import { tellMessage, tellTransaction } from "./describe.ts";
import type { Teller } from "./describe.ts";
import type { Holdings } from "./holdings.ts";
import { rootOf, treeOf } from "./trees.ts";

const PAGE_SIZE = 20;
const ACCOUNTS_MAX = 200;
/** Reading a transaction from the disk takes a fraction of a millisecond: one request looks back over this many at most. */
const LOOK_BACK_MAX = 2_000;
const OWN = fileURLToPath(new URL("../page", import.meta.url));
/** The look is the simulator page's own. */
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

export function explorerRoutes(teller: Teller, { clock, holdings }: { clock: ChainClock; holdings: Holdings }): Hono {
  const { chain, names } = teller;
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
        known: names.known.map(({ address, name }) => ({ ...accountLine(teller, address), name })),
        ...rootsBefore(teller, mark.parse(c.req.query("before"))),
      });
    })
    .get("/explorer/accounts", (c) => {
      const accounts = [];
      for (const { address } of history.accountsByActivity()) {
        if (accounts.push(accountLine(teller, address)) === ACCOUNTS_MAX) break;
      }
      return c.json({ accounts, left: Math.max(0, history.accountCount - accounts.length) });
    })
    .get("/explorer/account/:address", async (c) => {
      const address = AddressInput.safeParse(c.req.param("address"));
      const before = LtInput.optional().safeParse(c.req.query("before"));
      if (!address.success || !before.success) return c.json({ error: "address" }, 422);
      const line = accountLine(teller, address.data.toRawString());
      return c.json({
        ...line,
        holds: await holdings.of(line.contract, address.data),
        ...historyOf(teller, address.data, before.data),
      });
    })
    .get("/explorer/hash/:hash", (c) => {
      const hash = HashInput.safeParse(c.req.param("hash"));
      const lt = hash.success ? ltOfHash(teller, hash.data) : null;
      return lt === null ? c.json({ error: "transaction" }, 404) : c.json({ lt: lt.toString() });
    })
    .get("/explorer/tree/:lt", (c) => {
      const lt = LtInput.safeParse(c.req.param("lt"));
      const found = lt.success ? history.transactionAt(lt.data)?.found : null;
      return found ? c.json(treeOf(teller, rootOf(teller, found))) : c.json({ error: "transaction" }, 404);
    });
}

function accountLine({ chain, names }: Teller, raw: string) {
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

/** Hashes are not indexed: the newest transactions are looked through. */
function ltOfHash({ chain: { history } }: Teller, hash: string): bigint | null {
  const oldest = Math.max(0, history.transactionCount - LOOK_BACK_MAX);
  for (let index = history.transactionCount - 1; index >= oldest; index--) {
    const { transaction } = history.transaction(index);
    if (transaction.hash().toString("hex") === hash) return transaction.lt;
  }
  return null;
}

/** The newest message trees' first transactions older than the mark. */
function rootsBefore(teller: Teller, before: number) {
  const roots = [];
  const end = Math.max(0, before - LOOK_BACK_MAX);
  let index = before;
  while (index > end && roots.length < PAGE_SIZE) {
    const stored = teller.chain.history.transaction(--index);
    if (stored.transaction.inMessage?.info.type !== "internal") roots.push(lineOf(teller, stored));
  }
  return { roots, next: index > 0 ? index : null };
}

/** A transaction in one line, with what it sent on. */
function lineOf(teller: Teller, stored: StoredTransaction) {
  return { ...tellTransaction(teller, stored), sends: sendsOf(teller, stored) };
}

function historyOf(teller: Teller, address: Address, before: bigint | undefined) {
  const { history } = teller.chain;
  const transactions = [];
  const [first] = history.transactionsOf(address.toRawString(), before ?? null);
  for (const stored of history.transactionsOf(address.toRawString(), before ?? null)) {
    if (before !== undefined && stored === first) continue;
    transactions.push(lineOf(teller, stored));
    if (transactions.length === PAGE_SIZE) break;
  }
  return { transactions, next: transactions.length === PAGE_SIZE ? transactions.at(-1)!.lt : null };
}

/** A batch of a wallet has 255; a line names a few. */
const SENDS_TOLD_MAX = 4;

function sendsOf(teller: Teller, { account, transaction }: StoredTransaction) {
  const sent = transaction.outMessages.values().filter(({ info }) => info.type === "internal");
  const told = sent.slice(0, SENDS_TOLD_MAX).map((message) => {
    const child = message.info.type === "internal" && resultOf(teller.chain.history, account, message.info.createdLt);
    return { message: tellMessage(teller, message), outcome: child ? tellTransaction(teller, child).outcome : null };
  });
  return { told, more: sent.length - told.length };
}

export function explorerPage(): Hono {
  return new Hono()
    .get("/", () => send(`${OWN}/index.html`))
    .get("/page/:name{[a-z-]+\\.(?:js|css|svg)}", (c) => {
      const name = c.req.param("name");
      return send(`${SHARED_FILES.has(name) ? SHARED : OWN}/${name}`);
    });
}

async function send(file: string): Promise<Response> {
  const body = await readFile(file).catch(() => null);
  if (!body) return new Response("Not found", { status: 404 });
  const type = TYPES[file.slice(file.lastIndexOf(".") + 1)];
  return new Response(new Uint8Array(body), {
    headers: {
      "content-type": `${type}; charset=utf-8`,
      "content-security-policy": POLICY,
      "cache-control": "no-cache",
      "x-content-type-options": "nosniff",
    },
  });
}
