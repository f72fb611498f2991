// The emulator's thread: the real TVM and transaction executor of @ton/sandbox behind two kinds of request. Stateless.
// Plain JavaScript, because a worker thread does not inherit the TypeScript loader. Messages: executor-messages.ts.
import { parentPort, workerData } from "node:worker_threads";
import { Address, Cell, parseTuple } from "@ton/core";
import { Executor } from "@ton/sandbox/dist/executor/Executor.js";

const { config } = workerData;
const executor = await Executor.create();

parentPort.on("message", ({ id, request }) => {
  const running = request.kind === "transaction" ? runTransaction(request) : runMethod(request);
  running.then(
    (value) => parentPort.postMessage({ id, value }, []),
    (error) => parentPort.postMessage({ id, error: error instanceof Error ? error.message : String(error) }, []),
  );
});

async function runTransaction({ shardAccount, message, nowS, lt, seed, ignoreSignature }) {
  const { result } = await executor.runTransaction({
    config,
    libs: null,
    verbosity: "short",
    shardAccount,
    message: Cell.fromBase64(message),
    now: nowS,
    lt,
    randomSeed: Buffer.from(seed, "hex"),
    ignoreChksig: ignoreSignature,
    debugEnabled: false,
  });
  if (result.success) return { kind: "done", transaction: result.transaction, shardAccount: result.shardAccount };
  return { kind: "refused", error: result.error, exitCode: result.vmResults?.vmExitCode ?? null };
}

async function runMethod({ code, data, methodId, stack, address, nowS, balance, seed, gasLimit }) {
  const { output } = await executor.runGetMethod({
    config,
    verbosity: "short",
    code: Cell.fromBase64(code),
    data: Cell.fromBase64(data),
    methodId,
    stack: parseTuple(Cell.fromBase64(stack)),
    address: Address.parse(address),
    unixTime: nowS,
    balance,
    randomSeed: Buffer.from(seed, "hex"),
    gasLimit,
    debugEnabled: false,
  });
  if (!output.success) return { kind: "refused", error: output.error, exitCode: null };
  return { kind: "returned", exitCode: output.vm_exit_code, gasUsed: Number(output.gas_used), stack: output.stack };
}
