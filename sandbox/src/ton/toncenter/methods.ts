/** The toncenter v2 methods that `TonClient` calls. Each validates its own parameters, which are untrusted. */
import type { Address, Cell } from "@ton/core";
import { z } from "zod";
import { ChainBusy, MessageRefused, readExternalMessage } from "../chain.ts";
import type { Chain } from "../chain.ts";
import { EmulatorBusy, EmulatorUnavailable } from "../executor.ts";
import type { Block } from "../history.ts";
import { estimateFee } from "./estimate-fee.ts";
import { AddressInput, BocInput, HashInput, LtInput } from "./inputs.ts";
import { destinationOf, receivingTransaction, sendingTransaction } from "./locate.ts";
import { methodIdOf } from "./method-id.ts";
import { RpcFault } from "./rpc-fault.ts";
import { StackInput, stackView } from "./stack.ts";
import { accountView, blockIdView, SHARD, shortTransactionView, transactionView } from "./views.ts";

/** Page size of history: toncenter's, plus one for clients that also request the transaction they already have. */
const PAGE_MAX = 101;
/** Exit code that pytonlib returns for an account without code. */
const NO_CODE_EXIT = -13;

type Method = (chain: Chain, params: unknown) => Promise<unknown>;

/** A method that validates its parameters by the schema, then runs; invalid input gets toncenter's 422. */
function method<Schema extends z.ZodType>(
  schema: Schema,
  run: (chain: Chain, params: z.output<Schema>) => unknown,
): Method {
  return async (chain, params) => {
    const parsed = schema.safeParse(params);
    if (!parsed.success) throw new RpcFault(422, describe(parsed.error));
    return run(chain, parsed.data);
  };
}

function describe({ issues }: z.ZodError): string {
  const issue = issues[0]!;
  return issue.path.length > 0 ? `${issue.message} in "${issue.path.join(".").slice(0, 100)}"` : issue.message;
}

const Seqno = z.number().int().nonnegative();
const ONLY_SHARD = z
  .union([z.string().max(20), z.number()])
  .refine((shard) => String(shard) === SHARD || Number(shard) === Number(SHARD), "there is no such shard");
const MessagePlace = z.object({ source: AddressInput, destination: AddressInput, created_lt: LtInput });
type MessagePlace = z.output<typeof MessagePlace>;

export const METHODS: ReadonlyMap<string, Method> = new Map<string, Method>([
  ["getMasterchainInfo", method(z.unknown(), getMasterchainInfo)],
  ["getAddressInformation", method(z.object({ address: AddressInput }), getAddressInformation)],
  ["getConfigParam", method(z.object({ config_id: z.number().int() }), getConfigParam)],
  [
    "getTransactions",
    method(
      z.object({
        address: AddressInput,
        limit: z.number().int().min(1).max(PAGE_MAX).default(10),
        lt: LtInput.optional(),
        hash: HashInput.optional(),
        to_lt: LtInput.optional(),
      }),
      getTransactions,
    ),
  ],
  [
    "shards",
    method(z.object({ seqno: Seqno }), (chain, { seqno }) => ({
      "@type": "blocks.shards",
      shards: [blockIdView(blockAt(chain, seqno), 0)],
    })),
  ],
  [
    "getBlockTransactions",
    method(
      z.object({
        workchain: z.union([z.literal(0), z.literal(-1)]),
        shard: ONLY_SHARD,
        seqno: Seqno,
      }),
      getBlockTransactions,
    ),
  ],
  [
    "runGetMethod",
    method(
      z.object({
        address: AddressInput,
        method: z.union([
          z.string().min(1).max(200),
          z
            .number()
            .int()
            .nonnegative()
            .max(2 ** 32),
        ]),
        stack: StackInput.default([]),
      }),
      runGetMethod,
    ),
  ],
  ["sendBoc", method(z.object({ boc: BocInput }), sendBoc)],
  [
    "estimateFee",
    method(
      z.object({
        address: AddressInput,
        body: BocInput,
        init_code: z.union([z.literal(""), BocInput]).default(""),
        init_data: z.union([z.literal(""), BocInput]).default(""),
        ignore_chksig: z.boolean().default(true),
      }),
      (chain, params) =>
        refusals(() =>
          estimateFee(chain, {
            address: params.address,
            body: params.body,
            code: params.init_code || null,
            data: params.init_data || null,
            ignoreSignature: params.ignore_chksig,
          }),
        ),
    ),
  ],
  ["tryLocateTx", method(MessagePlace, locateResult)],
  ["tryLocateResultTx", method(MessagePlace, locateResult)],
  ["tryLocateSourceTx", method(MessagePlace, locateSource)],
]);

function getMasterchainInfo({ history }: Chain) {
  const { lastBlock } = history;
  return {
    "@type": "blocks.masterchainInfo",
    last: blockIdView(lastBlock, -1),
    state_root_hash: lastBlock.hash.toString("base64"),
    init: blockIdView(history.block(0)!, -1),
  };
}

function getAddressInformation(chain: Chain, { address }: { address: Address }) {
  return accountView(chain.account(address), chain.history.lastBlock, chain.nowS());
}

function getConfigParam(chain: Chain, { config_id: id }: { config_id: number }) {
  const param = chain.configParam(id);
  if (!param) throw new RpcFault(500, `LITE_SERVER_UNKNOWN: there is no configuration parameter ${id}`);
  return { "@type": "configInfo", config: { "@type": "tvm.cell", bytes: param.toBoc().toString("base64") } };
}

function getTransactions(
  { history }: Chain,
  page: {
    address: Address;
    limit: number;
    lt?: bigint | undefined;
    hash?: string | undefined;
    to_lt?: bigint | undefined;
  },
) {
  const views = [];
  for (const stored of history.transactionsOf(page.address.toRawString(), page.lt ?? null)) {
    const first = views.length === 0;
    if (first && page.hash !== undefined && stored.transaction.hash().toString("hex") !== page.hash) break;
    if (stored.transaction.lt <= (page.to_lt ?? 0n)) break;
    views.push(transactionView(stored));
    if (views.length === page.limit) break;
  }
  if (views.length === 0 && page.lt !== undefined)
    throw new RpcFault(
      500,
      "LITE_SERVER_UNKNOWN: cannot compute block with specified transaction: lt or hash not found",
    );
  return views;
}

function getBlockTransactions({ history }: Chain, { seqno, workchain }: { seqno: number; workchain: 0 | -1 }) {
  const block = blockAt({ history }, seqno);
  const all = Array.from({ length: block.count }, (_, position) => history.transaction(block.first + position));
  const transactions = all.filter(({ account }) => account.startsWith(`${workchain}:`)).map(shortTransactionView);
  // A block holds 500 at most, so a page is always the whole block.
  return {
    "@type": "blocks.transactions",
    id: blockIdView(block, workchain),
    req_count: transactions.length,
    incomplete: false,
    transactions,
  };
}

async function runGetMethod(
  chain: Chain,
  question: { address: Address; method: string | number; stack: z.output<typeof StackInput> },
) {
  const id = typeof question.method === "number" ? question.method : methodIdOf(question.method);
  const result = await refusals(() => chain.method(question.address, id, question.stack));
  const { lastBlock } = chain.history;
  const common = { "@type": "smc.runResult", block_id: blockIdView(lastBlock, -1) };
  if (result.kind === "refused") return { ...common, gas_used: 0, stack: [], exit_code: NO_CODE_EXIT };
  // The TVM returns 1 for the alternative success; toncenter's clients know only 0.
  const exit = result.exitCode === 1 ? 0 : result.exitCode;
  return { ...common, gas_used: result.gasUsed, stack: stackView(result.stack), exit_code: exit };
}

async function sendBoc(chain: Chain, { boc }: { boc: Cell }) {
  await refusals(async () => chain.send(readExternalMessage(boc)));
  return { "@type": "ok" };
}

function locateResult({ history }: Chain, { source, destination, created_lt }: MessagePlace) {
  const found = receivingTransaction(history, source.toRawString(), created_lt);
  if (found?.account !== destination.toRawString()) throw notLocated();
  return transactionView(found);
}

function locateSource({ history }: Chain, { source, destination, created_lt }: MessagePlace) {
  const found = sendingTransaction(history, created_lt);
  const sent = found?.transaction.outMessages
    .values()
    .find(({ info }) => "createdLt" in info && info.createdLt === created_lt);
  if (found?.account !== source.toRawString() || !sent || destinationOf(sent) !== destination.toRawString())
    throw notLocated();
  return transactionView(found);
}

function notLocated(): RpcFault {
  return new RpcFault(500, "LITE_SERVER_UNKNOWN: message not found: it was never sent, or is not delivered yet");
}

function blockAt({ history }: Pick<Chain, "history">, seqno: number): Block {
  const block = history.block(seqno);
  if (!block) throw new RpcFault(500, `LITE_SERVER_NOTREADY: ltdb: block not found (seqno ${seqno})`);
  return block;
}

/** Maps the chain's errors to a liteserver's messages. */
async function refusals<Value>(run: () => Promise<Value>): Promise<Value> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof MessageRefused) {
      const exit = error.exitCode === null ? "" : `\nexitcode=${error.exitCode}`;
      throw new RpcFault(
        500,
        `LITE_SERVER_UNKNOWN: cannot apply external message to current state : ${error.message}${exit}`,
      );
    }
    if (error instanceof ChainBusy || error instanceof EmulatorBusy) throw new RpcFault(429, error.message);
    if (error instanceof EmulatorUnavailable) throw new RpcFault(500, `LITE_SERVER_NOTREADY: ${error.message}`);
    throw error;
  }
}
