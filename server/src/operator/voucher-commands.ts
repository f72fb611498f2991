/** An operator's command about vouchers: copies for a second redeemer, which needs nothing else of ours. */
import { mkdir, rename, writeFile } from "node:fs/promises";
import path from "node:path";
import { parseArgs } from "node:util";
import { and, eq, sql } from "drizzle-orm";
import { writeVoucher } from "@starai/contracts/offchain/voucher-file";
import { escrows, vouchers } from "../db/schema.ts";
import type { OperatorCommand, OperatorContext, Say } from "./command.ts";

const HOW = "npm run operator -- vouchers --to FOLDER";
/** Read at once: their text is 3 MB. */
const PAGE = 10_000;

export const voucherCommands = {
  vouchers: {
    args: "--to FOLDER",
    summary: "writes the best voucher of each escrow, for `npm run ton -- watch --vouchers FOLDER` elsewhere",
    run: writeVouchers,
  },
} satisfies Record<string, OperatorCommand>;

/** Of each escrow's round of now; one of an older round is nothing any more. Each file is replaced whole. */
async function writeVouchers({ db }: OperatorContext, words: readonly string[], say: Say): Promise<void> {
  const folder = folderIn(words);
  await mkdir(folder, { recursive: true });
  let written = 0;
  for (let after = ""; ;) {
    const rows = await db
      .select({ voucher: vouchers, networkId: escrows.networkId })
      .from(vouchers)
      .innerJoin(escrows, and(eq(escrows.address, vouchers.escrow), eq(escrows.round, vouchers.round)))
      .where(sql`${vouchers.escrow} > ${after}`)
      .orderBy(vouchers.escrow)
      .limit(PAGE);
    for (const { voucher, networkId } of rows) {
      const { escrow, round, cumulative, signature } = voucher;
      await writeWhole(
        path.join(folder, `${escrow.slice(2)}.json`),
        writeVoucher({ networkId, escrow, round, cumulative, signature }),
      );
    }
    written += rows.length;
    if (rows.length < PAGE) break;
    after = rows.at(-1)!.voucher.escrow;
  }
  say(`${written} vouchers are in ${folder}. Whoever has them can pay our till with them, and nobody else.`);
}

async function writeWhole(file: string, text: string): Promise<void> {
  await writeFile(`${file}.new`, text);
  await rename(`${file}.new`, file);
}

function folderIn(words: readonly string[]): string {
  try {
    const { positionals, values } = parseArgs({ args: [...words], options: { to: { type: "string" } } });
    if (positionals.length === 0 && values.to) return values.to;
  } catch {
    // Said below.
  }
  throw new Error(`Say where to: ${HOW}`);
}
