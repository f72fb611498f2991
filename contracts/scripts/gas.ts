import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { gasTable } from "../gas/gas-row.ts";
import { measureAll } from "../gas/measure-all.ts";
import { measurePayouts, payoutTable } from "../gas/push-or-claim.ts";

/** `npm run contracts:gas`: measures every message and every way to pay, and writes the tables into contracts/README.md between their marks. */
const readme = path.resolve(import.meta.dirname, "../README.md");
const tables = { gas: gasTable(await measureAll()), payouts: payoutTable(await measurePayouts()) };
let text = readFileSync(readme, "utf8");
for (const [mark, table] of Object.entries(tables)) {
  text = text.replace(new RegExp(`(<!-- ${mark} -->\n)[\\s\\S]*?(<!-- /${mark} -->)`), `$1${table}\n$2`);
  console.log(table);
}
writeFileSync(readme, text);
