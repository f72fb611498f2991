/** `npm run verify-receipt`: whether a receipt is the house's and adds up. It needs no server of its own and no secret. */
import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { z } from "zod";
import { exactAmount } from "@starai/protocol/amounts";
import { ReceiptKey, SignedReceipt } from "@starai/protocol/receipts";
import type { Receipt, WorkedShare } from "@starai/protocol/receipts";
import { checkReceipt } from "./check-receipt.ts";

export const VERIFY_RECEIPT_HELP = `npm run verify-receipt -- RECEIPT [--keys KEYS]: checks who signed a receipt, and its sums.

  RECEIPT  an address such as https://starai.example/api/receipts/ID, an id, a file with what that address answers,
           or - for the standard input
  KEYS     the server's address, or a file with what its /api/receipt-keys answers; by default the receipt's own server.
           Keep that file: a server that answers for itself shows only that it agrees with itself.

Ends with 0 when the receipt is right, 1 when it is not, 2 when it could not be checked.`;

/** Far more than any receipt, or than the keys of a house that makes one a day. */
const BYTES_MAX = 1 << 20;
const FETCH_MS_MAX = 15_000;
const Id = z.uuid();
const Keys = z.object({ keys: z.array(ReceiptKey) });

interface Surroundings {
  readonly say: (line: string) => void;
  readonly stdin: AsyncIterable<Buffer | string>;
}

/** @returns whether the receipt is right. @throws a sentence where it could not be checked */
export async function verifyReceiptCommand(words: readonly string[], { say, stdin }: Surroundings): Promise<boolean> {
  const asked = readWords(words);
  if (asked === null) {
    say(VERIFY_RECEIPT_HELP);
    return true;
  }
  const { receipt, keys } = placesOf(asked);
  const signed = parse(SignedReceipt, await read(receipt, stdin), "a receipt as the server answers it");
  const known = parse(Keys, await read(keys, stdin), "a list of keys as the server answers it");
  const { receipt: found, faults } = checkReceipt(signed, known.keys);
  if (found !== null) for (const line of summaryOf(found)) say(line);
  for (const fault of faults) say(plain(`wrong: ${fault}`));
  if (faults.length === 0)
    say(plain(`right: signed by the key ${signed.key} of ${keys}, and everything in it adds up`));
  return faults.length === 0;
}

interface Asked {
  readonly receipt: string;
  readonly keys: string | null;
}

/** Null asks for the help. */
function readWords(words: readonly string[]): Asked | null {
  if (words.length === 0 || words.some((word) => ["--help", "-h", "help"].includes(word))) return null;
  try {
    const { positionals, values } = parseArgs({
      args: [...words],
      allowPositionals: true,
      options: { keys: { type: "string" } },
    });
    const [receipt, ...others] = positionals;
    if (receipt !== undefined && others.length === 0) return { receipt, keys: values.keys ?? null };
  } catch {
    // Said below.
  }
  throw new Error(`One receipt is needed, and --keys at most.\n\n${VERIFY_RECEIPT_HELP}`);
}

/** Where the two are: addresses, paths of files, or `-`. */
function placesOf({ receipt, keys }: Asked): { receipt: string; keys: string } {
  const origin = originOf(keys) ?? originOf(receipt);
  const from = originOf(keys) !== null || keys === null ? origin && `${origin}/api/receipt-keys` : keys;
  if (from === null)
    throw new Error("Whose receipt is it? Name its server, or a file of its keys: --keys https://starai.example");
  if (!Id.safeParse(receipt).success) return { receipt, keys: from };
  if (origin === null) throw new Error("An id needs its server: --keys https://starai.example");
  return { receipt: `${origin}/api/receipts/${receipt}`, keys: from };
}

function originOf(place: string | null): string | null {
  return place !== null && /^https?:\/\//i.test(place) && URL.canParse(place) ? new URL(place).origin : null;
}

async function read(place: string, stdin: Surroundings["stdin"]): Promise<string> {
  if (place === "-") return collect(stdin, "the standard input");
  if (originOf(place) === null) return readFile(place, "utf8");
  const answer = await fetch(place, { signal: AbortSignal.timeout(FETCH_MS_MAX) }).catch((error: unknown) => {
    throw new Error(`${place} cannot be reached: ${causeOf(error)}.`, { cause: error });
  });
  const text = await collect(answer.body ?? [], place);
  if (!answer.ok) throw new Error(`${place} answers ${answer.status}: ${plain(text.slice(0, 200))}`);
  return text;
}

async function collect(pieces: AsyncIterable<Uint8Array | string> | Iterable<never>, from: string): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const piece of pieces) {
    text += typeof piece === "string" ? piece : decoder.decode(piece, { stream: true });
    if (text.length > BYTES_MAX) throw new Error(`${from} is longer than any receipt.`);
  }
  return text;
}

function causeOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  return cause instanceof Error ? cause.message : String(cause);
}

function parse<Schema extends z.ZodType>(schema: Schema, text: string, what: string): z.infer<Schema> {
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    throw new Error(`This is not ${what}: ${plain(text.slice(0, 60))}`, { cause: error });
  }
}

function summaryOf({
  id,
  kind,
  openedAt,
  outcome,
  model,
  paidWith,
  amount,
  returned,
  jobs,
  escrow,
}: Receipt): string[] {
  const tokens = jobs.reduce((sum, { promptTokens, answerTokens }) => sum + promptTokens + answerTokens, 0);
  const paid = `${exactAmount(BigInt(amount))} (${paidWith}${escrow === undefined ? "" : ` of the escrow ${escrow}`})`;
  const back = returned === "0" ? "" : `, ${exactAmount(BigInt(returned))} returned`;
  return [
    `receipt ${id}: ${kind} of ${openedAt}, ${outcome}`,
    `model ${model.id}, ${jobs.length} jobs, ${tokens} tokens, paid ${paid}${back}`,
    ...jobs.flatMap(({ workers }, at) => workers.flatMap((share) => partOf(share, at + 1))),
  ].map(plain);
}

/** Of a model that several machines served together, what this one computed. */
function partOf({ worker, name, tokens, amount, work }: WorkedShare, job: number): string[] {
  if (work === undefined) return [];
  const machine = `${name} (${worker.slice(0, 8)})`;
  const part = `computed ${work.layers} of ${work.ofLayers} layers for ${tokens} tokens`;
  return [`job ${job}: ${machine} ${part}, a share of ${exactAmount(BigInt(amount))}`];
}

/** A stranger wrote it: nothing in it steers a terminal. */
function plain(text: string): string {
  return text.replaceAll(/\p{C}/gu, "");
}
