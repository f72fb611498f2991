/** `npm run verify-receipt`: the entry. */
import { verifyReceiptCommand } from "./receipts/verify-receipt-command.ts";

const say = (line: string) => void process.stdout.write(`${line}\n`);

try {
  process.exitCode = (await verifyReceiptCommand(process.argv.slice(2), { say, stdin: process.stdin })) ? 0 : 1;
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
}
