/** The emulator's thread: the real TVM and transaction executor of @ton/sandbox behind two questions. Holds no state of the chain. */
import { parentPort, workerData } from "node:worker_threads";
import { Address, Cell, parseTuple } from "@ton/core";
import { Executor } from "@ton/sandbox/dist/executor/Executor.js";
import type { ExecutorReply, ExecutorQuestion, MethodRun, TransactionRun } from "./executor-messages.ts";

const { config } = workerData as { config: string };
const executor = await Executor.create();

parentPort!.on("message", async ({ id, question }: { id: number; question: ExecutorQuestion }) => {
  try {
    const value = question.kind === "transaction" ? await runTransaction(question) : await runMethod(question);
    parentPort!.postMessage({ id, value } satisfies ExecutorReply);
  } catch (error) {
    parentPort!.postMessage({ id, error: error instanceof Error ? error.message : String(error) });
  }
});

async function runTransaction(run: TransactionRun) {
  const { result } = await executor.runTransaction({
    config,
    libs: null,
    verbosity: "short",
    shardAccount: run.shardAccount,
    message: Cell.fromBase64(run.message),
    now: run.nowS,
    lt: run.lt,
    randomSeed: Buffer.from(run.seed, "hex"),
    ignoreChksig: run.ignoreSignature,
    debugEnabled: false,
  });
  if (result.success)
    return { kind: "done" as const, transaction: result.transaction, shardAccount: result.shardAccount };
  return { kind: "refused" as const, error: result.error, exitCode: result.vmResults?.vmExitCode ?? null };
}

async function runMethod(run: MethodRun) {
  const { output } = await executor.runGetMethod({
    config,
    verbosity: "short",
    code: Cell.fromBase64(run.code),
    data: Cell.fromBase64(run.data),
    methodId: run.methodId,
    stack: parseTuple(Cell.fromBase64(run.stack)),
    address: Address.parse(run.address),
    unixTime: run.nowS,
    balance: run.balance,
    randomSeed: Buffer.from(run.seed, "hex"),
    gasLimit: run.gasLimit,
    debugEnabled: false,
  });
  if (!output.success) return { kind: "refused" as const, error: output.error, exitCode: null };
  return {
    kind: "returned" as const,
    exitCode: output.vm_exit_code,
    gasUsed: Number(output.gas_used),
    stack: output.stack,
  };
}
